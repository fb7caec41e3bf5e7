"""`deskside push second-opinion`: one message that pywebpush made, to find out whose fault a silence is."""

from pathlib import Path

import click
import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from adapters.health.settings import HealthSchema, HealthSettings
from deskside.commandline import common
from deskside.errors import ConfigurationError, DesksideError, Permanent
from deskside.guard import AddressGuard
from deskside.store.database import Row, reading
from deskside.store.push_tables import subscriber, subscription
from push.model import Notification
from push.wire import payload, second_opinion
from push.wire.encrypt import MOST_ANDROID_FIREFOX
from push.wire.endpoints import shown
from push.wire.fanout import Parcel
from push.wire.vapid import Keys

_SECONDS = 600


@click.command("second-opinion")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def opinion(path: Path | None, as_json: bool) -> None:
    """Send every tester's browser one message made by pywebpush, without a worker.

    If it comes and `deskside push test` does not, our encryption or signature is wrong. If neither comes, look at the
    key, the subscription and the browser's own settings.
    """
    parts = common.parts(path)
    push = parts.context.push
    if push is None:
        raise ConfigurationError("web push is switched off: there is no key; `deskside push keys` makes one")
    health: HealthSettings = parts.settings.section("health", HealthSchema)
    guard, keys = AddressGuard(health.allow_networks, health.deny_networks), Keys(push)
    query = (
        sa.select(subscription)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber)
        .where(subscriber.c.tester, subscription.c.state == "alive")
        .order_by(subscription.c.id)
    )
    with reading(parts.database) as connection:
        browsers = connection.execute(query).all()
    if not browsers:
        raise Permanent("no tester has a living browser: mark yourself on your page under Subscribers")
    told = Notification("", "second-opinion", push.name, "Made by pywebpush.", f"{parts.settings.base_url}/push/")
    body = payload.build(told, MOST_ANDROID_FIREFOX)
    rows = []
    for row in browsers:
        try:
            found = second_opinion.send(_parcel(row, body), push, keys, guard)
            said = {"verdict": found.verdict.value, "status": found.status, "why": found.reason}
        except DesksideError as error:
            said = {"verdict": "not_sent", "status": None, "why": str(error)}
        rows.append({"browser": row.browser, "service": shown(row.endpoint), **said})
    if as_json:
        common.print_json(rows)
    else:
        table = Table("browser", "push service", "answer", "why")
        for item in rows:
            table.add_row(item["browser"], escape(item["service"]), str(item["verdict"]), escape(str(item["why"])))
        common.console.print(table)
    if any(item["verdict"] != "accepted" for item in rows):
        raise SystemExit(1)


def _parcel(row: Row, body: bytes) -> Parcel:
    return Parcel(row.id, row.endpoint, row.p256dh, row.auth, row.vapid_key, body, _SECONDS)
