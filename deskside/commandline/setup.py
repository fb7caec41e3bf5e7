"""`deskside init` and `deskside check`: the first minutes, and whether everything works."""

import os
import secrets
from pathlib import Path

import click

from adapters.health.prober.protocol import PROBES
from adapters.health.settings import HealthSchema, HealthSettings
from deskside import app, settings
from deskside.commandline import common, kb, push
from deskside.commandline.people import LEAST_PASSWORD
from deskside.ports import CheckResult, Inventory
from deskside.store import access, migrate, people, services
from deskside.store.database import reading
from deskside.vault import new_key
from push.wire import vapid

_TEMPLATE = """\
# Deskside. Every key can also come from the environment: DESKSIDE_<SECTION>__<KEY>.

[database]
url = "sqlite:///{database}"

[web]
host = "127.0.0.1"
port = 8642
# Where browsers and your desk reach this Deskside, e.g. "https://deskside.example.com":
# base_url = ""
secret_key = "{secret}"

# [zendesk]
# url = "https://yourcompany.zendesk.com"
# client_id = ""
# client_secret = ""        # better: DESKSIDE_ZENDESK__CLIENT_SECRET

# [whmcs]
# url = "https://billing.example.com"
# identifier = ""
# secret = ""               # better: DESKSIDE_WHMCS__SECRET
# timezone = "UTC"

[health]
# Seals what clients give to sign in to their servers. Not in the database, so keep it with your backups of this file.
vault_keys = ["{vault_key}"]

[push]
# Signs for web push; people who subscribed are lost with it, so keep it with your backups of this file.
vapid_private_key = "{push_key}"
# A contact for the push services; Apple refuses messages without one:
# subject = "mailto:push@example.com"
# The portals that may subscribe people:
# origins = ["https://help.example.com"]

[queue]
vip_tags = ["vip"]
# plan_minutes = {{ business = 30, enterprise = 60 }}

# Without a day here the desk is open around the clock.
[queue.calendar]
timezone = "UTC"
# mon = "09:00-18:00"
"""


@click.command()
@click.option("--admin", default="admin", show_default=True, help="The name of the first admin.")
@click.option("--password", help="Their password; made and shown once when not given.")
@click.pass_obj
def init(path: Path | None, admin: str, password: str | None) -> None:
    """Write deskside.toml, make the database and the first admin. Nothing that is there is overwritten."""
    path = path or Path("deskside.toml")
    if path.exists():
        click.echo(f"{path} is there, kept.")
    else:
        text = _TEMPLATE.format(
            secret=secrets.token_urlsafe(32),
            vault_key=new_key(),
            push_key=vapid.private_text(vapid.generate()),
            database=path.resolve().parent / "deskside.db",
        )
        # It holds the keys of sessions and of the vault: for its owner only, from the first byte on.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        click.echo(f"{path} is written.")
    database = app.build(settings.load(path)).database
    migrate.upgrade(database)
    click.echo("The database has the newest layout.")
    with database.begin() as connection:
        if people.people(connection):
            click.echo("There are people who can sign in; no admin is added.")
            return
        if password is not None and len(password) < LEAST_PASSWORD:
            raise click.ClickException(f"a password has at least {LEAST_PASSWORD} characters")
        given = password or secrets.token_urlsafe(12)
        people.add_person(connection, admin, given, "admin")
    click.echo(f"{admin} can sign in as admin" + ("." if password else f", with the password {given}"))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Check the configuration and every connection; each failure comes with its cure."""
    parts = common.parts(context.obj, need_database=False)
    results = [CheckResult("configuration", True, "can be used"), _database(parts)]
    if results[-1].ok:
        results += [*_own(parts), *push.results(parts)]
        for desk in parts.context.desks.values():
            results += desk.check()
    if parts.context.falling:
        for channel in parts.context.falling.channels.values():
            results += channel.check()
    results += kb.results(parts)
    health: HealthSettings = parts.settings.section("health", HealthSchema)
    results += app.vantages(health, PROBES).check()
    if as_json:
        common.print_json(
            [{"name": item.name, "ok": item.ok, "message": item.message, "cure": item.cure} for item in results]
        )
    else:
        common.print_checks(results)
    context.exit(0 if all(item.ok for item in results) else 1)


def _database(parts: app.Parts) -> CheckResult:
    try:
        current = migrate.is_current(parts.database)
    except Exception as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        return CheckResult("database", False, f"does not answer ({kind})", "check DESKSIDE_DATABASE__URL")
    if not current:
        return CheckResult("database", False, "has an older layout", "run `deskside db upgrade`")
    return CheckResult("database", True, f"answers ({parts.database.dialect.name})")


def _own(parts: app.Parts) -> list[CheckResult]:
    with reading(parts.database) as connection:
        known = services.count(connection)
        somebody = bool(people.people(connection))
    results = [
        CheckResult(
            "people", somebody, "somebody can sign in" if somebody else "nobody can sign in", "run `deskside init`"
        ),
        CheckResult(
            "desks",
            bool(parts.context.desks),
            ", ".join(parts.context.desks) or "none is configured",
            "add [zendesk] or [whmcs]",
        ),
    ]
    told_by = [name for name, desk in parts.context.desks.items() if isinstance(desk, Inventory)]
    if known:
        message = f"{known} are known"
    elif told_by:
        message = f"none is known yet; {told_by[0]} tells them with a client's first ticket"
    else:
        message = "none is known, so no ticket gets a health note"
    results.append(CheckResult("services", bool(known or told_by), message, "run `deskside services import FILE`"))
    return [*results, _vault(parts)]


def _vault(parts: app.Parts) -> CheckResult:
    if not parts.vault.usable:
        # Not a failure: it is a feature that is not used.
        message = "there is no key, so clients are not asked for access to their servers (set [health] vault_keys)"
        return CheckResult("vault", True, message)
    with reading(parts.database) as connection:
        lost = access.cannot_open(connection, parts.vault)
    message = (
        f"{lost} stored accesses cannot be opened with these keys" if lost else "access given by clients is sealed"
    )
    return CheckResult(
        "vault", not lost, message, "put the earlier key back into [health] vault_keys, after the new one"
    )
