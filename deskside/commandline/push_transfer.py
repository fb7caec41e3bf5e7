"""`deskside push export` and `deskside push import`: the subscribers, out to a file and in from one."""

import contextlib
import os
from collections import Counter
from pathlib import Path

import click

from deskside.app import Parts
from deskside.commandline import common
from deskside.errors import ConfigurationError
from deskside.store.database import reading, utc_now
from push.settings import PushSchema, PushSettings
from push.subscribers import transfer
from push.wire.vapid import Keys

MOST_SHOWN = 20


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def export(path: Path | None, file: Path, as_json: bool) -> None:
    """Write all subscribers to FILE, with what they agreed to and what they were sent.

    Whoever has FILE and the private key can send to these people: it is written for its owner only. The private keys
    are not in it; see `[push] vapid_private_key`.
    """
    parts, _settings, keys = _push(path)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as out, reading(parts.database) as connection:
            done = transfer.export(connection, {key.id: key.public for key in keys.all}, out, utc_now())
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        # Half a file is none.
        with contextlib.suppress(OSError):
            file.unlink()
        raise
    if as_json:
        common.print_json({"file": str(file), "subscribers": done.subscribers, "browsers": done.browsers})
    else:
        click.echo(f"{file}: {done.subscribers} subscribers with {done.browsers} browsers.")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def bring_in(path: Path | None, file: Path, as_json: bool) -> None:
    """Add the subscribers of FILE, as `deskside push export` wrote it.

    Nothing is sent and no chain begins by it. The same file again changes nothing. What is left out is listed with the
    reason; browsers made with a private key that is not configured here are.
    """
    parts, settings, keys = _push(path)
    done = transfer.bring_in(parts.database, file, settings, {key.id for key in keys.all}, utc_now())
    if as_json:
        common.print_json(
            {
                "added": done.added,
                "completed": done.completed,
                "unchanged": done.unchanged,
                "browsers": done.browsers,
                "skipped": [{"line": number, "reason": reason} for number, reason in done.skipped],
            }
        )
        return
    click.echo(
        f"{done.added} subscribers added, {done.completed} completed, {done.unchanged} as they were; "
        f"{done.browsers} browsers added."
    )
    for number, reason in done.skipped[:MOST_SHOWN]:
        click.echo(f"line {number}: {common.plain(reason, 200)}")
    if len(done.skipped) > MOST_SHOWN:
        click.echo("in all:")
        for reason, count in Counter(reason for _, reason in done.skipped).most_common():
            click.echo(f"{count:7} {common.plain(reason, 200)}")


def _push(path: Path | None) -> tuple[Parts, PushSettings, Keys]:
    parts = common.parts(path)
    settings: PushSettings = parts.settings.section("push", PushSchema)
    if not settings.enabled:
        raise ConfigurationError("[push] vapid_private_key is empty: `deskside push keys` makes one")
    return parts, settings, Keys(settings)
