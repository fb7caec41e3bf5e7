"""`deskside demo`: a living Deskside beside a simulated Zendesk, on this machine only."""

import os
import secrets
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from flask import Flask

from deskside import app, settings
from deskside.commandline import demo_history
from deskside.commandline.serve import Server, options
from deskside.commandline.services import parse_service
from deskside.demo import cast
from deskside.demo.echo import EchoProbe, EchoSocket
from deskside.demo.servers import Servers, demo_services
from deskside.demo.stream import Stream
from deskside.demo.zendesk import SimulatedZendesk
from deskside.store import migrate, paces, people, services
from deskside.store.database import utc_now

NAME, PASSWORD = "admin", "demonstration"


@click.command()
@click.option("--port", default=8642, show_default=True, type=click.IntRange(1, 65535), help="Where Deskside listens.")
@click.option("--desk-port", default=8643, show_default=True, help="Where the simulated Zendesk listens.")
@click.option("--pace", default=6.0, show_default=True, help="Seconds between two happenings.")
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", show_default=True)
def demo(port: int, desk_port: int, pace: float, language: str) -> None:
    """See it work in a minute: a simulated Zendesk, living and dead servers, a stream of tickets.

    Everything is in memory or in a temporary folder, on loopback; no configuration of yours is read.
    """
    with tempfile.TemporaryDirectory(prefix="deskside-demo-") as folder:
        url = f"http://127.0.0.1:{port}"
        # A session that lasts from one start to the next would need a secret of yours.
        core = {
            "DESKSIDE_DATABASE__URL": f"sqlite:///{folder}/deskside.db",
            "DESKSIDE_WEB__PORT": str(port),
            "DESKSIDE_WEB__SECRET_KEY": secrets.token_urlsafe(32),
            "DESKSIDE_LANGUAGE": language,
            "DESKSIDE_JOBS__RECONCILE_SECONDS": "15",
            "DESKSIDE_HEALTH__SWEEP_SECONDS": "20",
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
                    "Deskside's demonstration is starting: a simulated Zendesk, ten servers, some of them dead.",
                    f"  Deskside          {url}/queue        sign in as {NAME}, password {PASSWORD}",
                    f"  simulated Zendesk http://127.0.0.1:{desk_port}/",
                    "Within a minute a dead server's ticket jumps to the head, with a note on it. Ctrl-C ends it all.",
                )
            )
        )

        def make() -> tuple[Flask, Callable[[], None]]:
            return _world(core, url, desk_port, pace)

        Server(make, options(prepared, workers=1)).run()


def _world(core: dict[str, str], url: str, desk_port: int, pace: float) -> tuple[Flask, Callable[[], None]]:
    """Everything, in the one worker process; and what ends it."""
    ending = ExitStack()
    servers = ending.enter_context(Servers(cast.servers()))
    zendesk = ending.enter_context(SimulatedZendesk(port=desk_port))
    zendesk.incremental_hold_seconds = 2
    stream = Stream(zendesk, servers, pace=pace)
    own = {
        "DESKSIDE_ZENDESK__URL": zendesk.url,
        "DESKSIDE_ZENDESK__CLIENT_ID": zendesk.client_id,
        "DESKSIDE_ZENDESK__CLIENT_SECRET": zendesk.client_secret,
        "DESKSIDE_HEALTH__ALLOW_NETWORKS": servers.network,
        "DESKSIDE_HEALTH__NAMESERVERS": "{}:{}".format(*servers.nameserver),
        "DESKSIDE_HEALTH__VANTAGE": "this machine",
        # Ten servers of a few clients get the tickets of a whole company here.
        "DESKSIDE_HEALTH__BUDGETS__CLIENT_ENRICHMENTS_PER_HOUR": "10000",
        "DESKSIDE_HEALTH__BUDGETS__CLIENT_ENRICHMENTS_PER_DAY": "100000",
    }
    parts = app.build(
        settings.load(Path(os.devnull), {**core, **own}),
        [EchoProbe(servers.echo_port)],
        lambda family: EchoSocket(servers.echo_port),
    )
    with parts.database.begin() as connection:
        demo_history.fill(connection, utc_now(), parts.context.caps)
        paces.put(connection, paces.measure_all(connection, parts.context.calendar, utc_now()))
        services.put(connection, [parse_service(row) for row in demo_services(servers)])
    parts.context.desk("zendesk").connect(url, False)
    stream.open()
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
