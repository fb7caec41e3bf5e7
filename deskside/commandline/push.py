"""`deskside push`: the keys of web push."""

import os
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deskside import app
from deskside.commandline import common, push_transfer
from deskside.ports import CheckResult
from deskside.store import migrate, push_keys
from deskside.store.database import reading
from push.settings import PushSchema, PushSettings
from push.wire import check as checks
from push.wire import vapid
from push.wire.vapid import Key, Keys

_MOST_SERVICES = 8


@click.group()
def push() -> None:
    """Web push to the people of your portal."""


push.add_command(push_transfer.export)
push.add_command(push_transfer.bring_in)


@push.command("keys")
@click.option("--new", is_flag=True, help="Make a key pair although there is one: to change keys.")
@click.option(
    "--write",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make a key pair and write the private key to FILE, for you only; nothing is overwritten.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_keys(path: Path | None, new: bool, file: Path | None, as_json: bool) -> None:
    """Show the keys people subscribed with; without any, make the first.

    The private key of a new pair is shown this once, or never with --write.
    """
    parts = common.parts(path, need_database=False)
    settings: PushSettings = parts.settings.section("push", PushSchema)
    known = Keys(settings)
    alive = _alive(parts.database)
    if new or file is not None or not settings.enabled:
        _make(known, alive, file, as_json)
        return
    rows = _rows(known, alive)
    if as_json:
        common.print_json(rows)
        return
    for row in rows:
        use = "signs for new subscriptions" if row["current"] else "signs for earlier subscriptions"
        click.echo(f"{row['id']}  {row['alive'] if alive is not None else '?'} alive, {_use(row, use)}")
        if row["public"]:
            click.echo(f"  public key: {row['public']}")


def results(parts: app.Parts) -> list[CheckResult]:
    """The lines of `deskside check`; the database must have the newest layout."""
    settings: PushSettings = parts.settings.section("push", PushSchema)
    with reading(parts.database) as connection:
        alive = push_keys.alive_by_key(connection)
        origins = push_keys.alive_origins(connection, _MOST_SERVICES)
    return [*checks.keys(settings, alive), *(checks.reach(settings, origins) if settings.enabled else ())]


def _alive(database: sa.Engine) -> dict[str, int] | None:
    """Living subscriptions by key; None when there is no database to ask (yet)."""
    url = database.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        # Asking would make an empty one.
        return None
    try:
        if not migrate.is_current(database):
            return None
        with reading(database) as connection:
            return push_keys.alive_by_key(connection)
    except sa.exc.SQLAlchemyError:
        return None


def _rows(known: Keys, alive: dict[str, int] | None) -> list[dict[str, Any]]:
    counted = alive or {}
    rows: list[dict[str, Any]] = [
        {
            "id": key.id,
            "public": key.public,
            "current": key == known.current,
            "configured": True,
            "alive": None if alive is None else counted.get(key.id, 0),
        }
        for key in known.all
    ]
    return rows + [
        {"id": key, "public": None, "current": False, "configured": False, "alive": number}
        for key, number in sorted(counted.items())
        if known.get(key) is None
    ]


def _use(row: dict[str, Any], use: str) -> str:
    if row["configured"]:
        return use
    return click.style("its private key is not configured, so nothing reaches them", fg="red")


def _make(known: Keys, alive: dict[str, int] | None, file: Path | None, as_json: bool) -> None:
    lost = {key: number for key, number in (alive or {}).items() if known.get(key) is None}
    for key, number in sorted(lost.items()):
        click.secho(
            f"{number} living subscriptions belong to the key {key}, which is not configured: find that one first, "
            "a new key cannot reach them.",
            fg="red",
            err=True,
        )
    made = vapid.generate()
    if file is not None:
        _write(file, made)
    value = f"file:{file.resolve()}" if file is not None else vapid.private_text(made)
    if as_json:
        common.print_json({"id": made.id, "public": made.public, "vapid_private_key": value})
        return
    click.echo(f"A new key pair, {made.id}. Its public key, which browsers get from /push/key:\n  {made.public}\n")
    if known.all:
        click.echo(
            "Move what [push] vapid_private_key is now to the front of vapid_previous_keys: people stay with the"
        )
        click.echo("key they subscribed with until their browser comes by again. Then set the new one, either\n")
    else:
        click.echo("Set the private key where only Deskside can read it, either\n")
    click.echo(f"  in the environment:  DESKSIDE_PUSH__VAPID_PRIVATE_KEY={value}")
    click.echo(f'  or in deskside.toml: [push] vapid_private_key = "{value}"\n')
    click.echo("and keep a copy with your backups: without it everybody must subscribe again.")


def _write(file: Path, key: Key) -> None:
    text = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        # For its owner only, from the first byte on.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(text)
    except FileExistsError:
        raise click.ClickException(
            f"{file} is there, and a key that is lost cannot be made again: not overwritten"
        ) from None
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
