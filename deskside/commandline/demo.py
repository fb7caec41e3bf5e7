"""`deskside demo`: a living Deskside beside a simulated Zendesk or WHMCS, on this machine only."""

import os
import secrets
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
from flask import Flask

from deskside import app, settings
from deskside.commandline import demo_history, demo_knowledge, demo_push
from deskside.commandline.serve import Server, options
from deskside.commandline.services import parse_service
from deskside.demo import cast
from deskside.demo.browsers import Browsers
from deskside.demo.echo import EchoProbe, EchoSocket
from deskside.demo.servers import Servers, demo_services
from deskside.demo.stage import Stage
from deskside.demo.stream import Stream
from deskside.demo.whmcs import SimulatedWhmcs, WhmcsStage
from deskside.demo.zendesk import SimulatedZendesk, ZendeskStage
from deskside.store import migrate, paces, people, queue, services
from deskside.store.database import utc_now
from push.sending.gates import manners
from push.settings import PushSchema
from push.wire.vapid import Keys, generate, private_text

NAME, PASSWORD = "admin", "demonstration"
TITLES = {"zendesk": "Zendesk", "whmcs": "WHMCS"}
PANEL_ROWS = 50


@dataclass(frozen=True)
class Opened:
    """A simulated desk that runs: its stage, and what Deskside must know of it.

    `connect` is true where Deskside itself makes there what it needs; `show`, where there is one, shows tickets in
    Deskside's order.
    """

    stage: Stage
    own: dict[str, str]
    connect: bool
    show: Callable[[Callable[[], list[int]]], None] | None = None


@click.command()
@click.option("--port", default=8642, show_default=True, type=click.IntRange(1, 65535), help="Where Deskside listens.")
@click.option("--desk", type=click.Choice(list(TITLES)), default="zendesk", show_default=True)
@click.option("--desk-port", default=8643, show_default=True, help="Where the simulated desk listens.")
@click.option("--pace", default=6.0, show_default=True, help="Seconds between two happenings.")
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", show_default=True)
def demo(port: int, desk: str, desk_port: int, pace: float, language: str) -> None:
    """See it work in a minute: a simulated desk, living and dead servers, a stream of tickets.

    Everything is in memory or in a temporary folder, on loopback; no configuration of yours is read.
    """
    with tempfile.TemporaryDirectory(prefix="deskside-demo-") as folder:
        url, title = f"http://127.0.0.1:{port}", TITLES[desk]
        # A session that lasts from one start to the next would need a secret of yours.
        core = {
            "DESKSIDE_DATABASE__URL": f"sqlite:///{folder}/deskside.db",
            "DESKSIDE_WEB__PORT": str(port),
            "DESKSIDE_WEB__SECRET_KEY": secrets.token_urlsafe(32),
            "DESKSIDE_LANGUAGE": language,
            "DESKSIDE_JOBS__RECONCILE_SECONDS": "15",
            "DESKSIDE_HEALTH__SWEEP_SECONDS": "20",
            "DESKSIDE_PUSH__VAPID_PRIVATE_KEY": private_text(generate()),
            "DESKSIDE_PUSH__SUBJECT": "mailto:ops@desk.example",
            "DESKSIDE_PUSH__NAME": "Alpine Hosting",
            # Whoever tries a campaign in the evening wants to see it go out.
            "DESKSIDE_PUSH__QUIET": "",
            "DESKSIDE_QUEUE__VIP_TAGS": "vip",
            "DESKSIDE_QUEUE__PLAN_MINUTES__BUSINESS": "20",
            "DESKSIDE_QUEUE__PLAN_MINUTES__ENTERPRISE": "45",
        }
        prepared = app.build(settings.load(Path(os.devnull), core))
        migrate.upgrade(prepared.database)
        with prepared.database.begin() as connection:
            people.add_person(connection, NAME, PASSWORD, "admin", language)
        prepared.database.dispose()
        click.echo(
            "\n".join(
                (
                    f"Deskside's demonstration is starting: a simulated {title}, ten servers, some of them dead.",
                    f"  Deskside          {url}/queue        sign in as {NAME}, password {PASSWORD}",
                    f"  simulated {title:7} http://127.0.0.1:{desk_port}/",
                    f"  a handbook        {folder}/{demo_knowledge.FOLDER}   edit it, and see {url}/kb",
                    f"  published to both http://127.0.0.1:{desk_port} and http://127.0.0.1:{desk_port + 1}",
                    "Within a minute a dead server's ticket jumps to the head, with a note on it. Ctrl-C ends it all.",
                )
            )
        )

        def make() -> tuple[Flask, Callable[[], None]]:
            return _world(core, Path(folder), url, desk, desk_port, pace)

        Server(make, options(prepared, workers=1)).run()


def _zendesk(ending: ExitStack, port: int, url: str) -> Opened:
    """A simulated Zendesk; Deskside makes its webhook there itself, and the order is in a view."""
    zendesk = ending.enter_context(SimulatedZendesk(port=port))
    zendesk.incremental_hold_seconds = 2
    zendesk.enable_locale("ru")
    own = {
        "DESKSIDE_ZENDESK__URL": zendesk.url,
        "DESKSIDE_ZENDESK__CLIENT_ID": zendesk.client_id,
        "DESKSIDE_ZENDESK__CLIENT_SECRET": zendesk.client_secret,
    }
    return Opened(ZendeskStage(zendesk), own, connect=True)


def _whmcs(ending: ExitStack, port: int, url: str) -> Opened:
    """A simulated WHMCS with the addon unpacked and its settings filled in; the order is in the addon's panel."""
    whmcs = ending.enter_context(SimulatedWhmcs(port=port, timezone="Europe/Berlin", cron_seconds=15))
    secret = whmcs.addon.connect(f"{url}/webhooks/whmcs")
    stage = WhmcsStage(whmcs)
    own = {
        "DESKSIDE_WHMCS__URL": whmcs.url,
        "DESKSIDE_WHMCS__IDENTIFIER": whmcs.identifier,
        "DESKSIDE_WHMCS__SECRET": whmcs.secret,
        "DESKSIDE_WHMCS__WEBHOOK_SECRET": secret,
        "DESKSIDE_WHMCS__TIMEZONE": whmcs.timezone,
        "DESKSIDE_WHMCS__CLIENT_FIELDS__PLAN": str(stage.plan_field),
        "DESKSIDE_QUEUE__VIP_TAGS": f"group_{stage.vip_group}",
        f"DESKSIDE_QUEUE__BOOSTS__FRONT__{whmcs.world.currency[1]}": "9",
        f"DESKSIDE_QUEUE__BOOSTS__SECOND__{whmcs.world.currency[1]}": "5",
    }
    return Opened(stage, own, connect=False, show=whmcs.show_panel)


DESKS = {"zendesk": _zendesk, "whmcs": _whmcs}


def _world(
    core: dict[str, str], folder: Path, url: str, desk: str, desk_port: int, pace: float
) -> tuple[Flask, Callable[[], None]]:
    """Everything, in the one worker process; and what ends it."""
    ending = ExitStack()
    servers = ending.enter_context(Servers(cast.servers()))
    browsers = ending.enter_context(Browsers(folder, f"{url}/push/events"))
    opened = DESKS[desk](ending, desk_port, url)
    # Nobody writes tickets there: it shows that one handbook is published to both.
    other = next(name for name in DESKS if name != desk)
    beside = DESKS[other](ending, desk_port + 1, url)
    configuration = demo_knowledge.write(Path(folder))
    stream = Stream(opened.stage, servers, pace=pace)
    own = {
        **{key: value for key, value in beside.own.items() if key.startswith(f"DESKSIDE_{other.upper()}__")},
        **opened.own,
        "DESKSIDE_PUSH__ENDPOINTS": browsers.address,
        "DESKSIDE_PUSH__CA_FILE": str(browsers.ca_file),
        "DESKSIDE_HEALTH__ALLOW_NETWORKS": servers.network,
        "DESKSIDE_HEALTH__NAMESERVERS": "{}:{}".format(*servers.nameserver),
        "DESKSIDE_HEALTH__VANTAGE": "this machine",
        # Ten servers of a few clients get the tickets of a whole company here.
        "DESKSIDE_HEALTH__BUDGETS__CLIENT_ENRICHMENTS_PER_HOUR": "10000",
        "DESKSIDE_HEALTH__BUDGETS__CLIENT_ENRICHMENTS_PER_DAY": "100000",
    }
    parts = app.build(
        settings.load(configuration, {**core, **own}),
        [EchoProbe(servers.echo_port)],
        lambda family: EchoSocket(servers.echo_port),
    )
    with parts.database.begin() as connection:
        demo_history.fill(connection, desk, utc_now(), parts.context.caps)
        push = parts.settings.section("push", PushSchema)
        key = Keys(push).current
        demo_push.fill(connection, desk, f"{url}/push/", key.id, browsers.browsers, manners(push), utc_now())
        paces.put(connection, paces.measure_all(connection, parts.context.calendar, utc_now()))
    if opened.connect:
        parts.context.desk(desk).connect(url, False)
    stream.open()
    with parts.database.begin() as connection:
        rows = demo_services(servers, opened.stage.service_name)
        services.put(connection, [parse_service(row) for row in rows])
    if opened.show is not None:
        opened.show(lambda: _order(parts))
    flask, intake = app.create_app(parts)
    runtime = app.runtime(parts)
    stop = threading.Event()
    living = threading.Thread(target=stream.run, args=(stop,), name="stream", daemon=True)
    intake.start()
    runtime.start()
    living.start()

    def end() -> None:
        stop.set()
        living.join(10)
        intake.stop()
        runtime.stop()
        parts.context.examiner.close()
        ending.close()

    return flask, end


def _order(parts: app.Parts) -> list[int]:
    """The waiting tickets of all pools in Deskside's order, by their numbers on the desk."""
    with parts.database.connect() as connection:
        rows = [row for state in queue.pools(connection) for row in queue.top(connection, state.pool, PANEL_ROWS)]
    keyed = {int(row.ticket_id): row.key for row in rows}
    return sorted(keyed, key=lambda ticket_id: (keyed[ticket_id], ticket_id))
