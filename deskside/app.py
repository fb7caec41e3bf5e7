"""The wiring: from settings to the parts of a running Deskside, and to its Flask application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from adapters.health.examiner import Examiner
from adapters.health.settings import HealthSchema
from adapters.health.sweep.echo import IcmpSocket
from adapters.health.sweep.sweeper import OpenEcho, Sweeper
from deskside import plugins
from deskside.errors import ConfigurationError
from deskside.ports import Desk, Probe
from deskside.settings import Settings
from deskside.store.database import open_database
from jobs import actions, deliveries
from jobs.context import Context
from jobs.engine import for_database
from jobs.runtime import Runtime
from webhooks import receiver, site
from webhooks.actions import Actions
from webhooks.intake import Intake


@dataclass(frozen=True)
class Parts:
    """Everything of one process. Nothing of it has touched the outside or started a thread yet."""

    settings: Settings
    database: sa.Engine
    context: Context


def build(settings: Settings, instead: Sequence[Probe] = (), open_echo: OpenEcho = IcmpSocket) -> Parts:
    """Put the parts together; the probes `instead` stand in for the installed ones of the same name.

    `open_echo` stands in for ICMP in the sweep.

    Raises ConfigurationError naming what cannot be used.
    """
    desk_plugins = plugins.find("deskside.desks")
    settings.claim({"health", *(plugin.name for plugin in desk_plugins)})
    health = settings.section("health", HealthSchema)
    database = open_database(settings.database["url"], pool_size=settings.jobs["threads"] + 4)
    desks: dict[str, Desk] = {
        plugin.name: plugin.loaded.build(settings.section(plugin.name, plugin.loaded.schema), database)
        for plugin in desk_plugins
        if plugin.name in settings.raw
    }
    engine = for_database(database, settings.jobs["threads"], settings.jobs["stalled_seconds"])
    probes = {plugin.name: plugin.loaded for plugin in plugins.find("deskside.probes")}
    probes |= {probe.name: probe for probe in instead}
    context = Context(
        database=database,
        engine=engine,
        settings=settings,
        desks=desks,
        factors=[plugin.loaded for plugin in plugins.find("deskside.factors")],
        examiner=Examiner(health, _enabled(probes, health.probes)),
        working_time=settings.working_time,
        caps=settings.caps,
        target_fields=("service", *health.target_fields),
        quiet_seconds=settings.jobs["quiet_seconds"],
        sweeper=Sweeper(health, open_echo) if health.sweep_seconds else None,
    )
    engine.context = context
    return Parts(settings, database, context)


def create_app(parts: Parts) -> tuple[Flask, Intake]:
    """The Flask application, and the intake that must be started after a fork. Raises ConfigurationError."""
    app = Flask("deskside")
    csrf = site.register(app, parts.database, parts.settings, page_actions(parts))
    intake = Intake(parts.database, parts.context.engine, "delivery.handle", deliveries.PRIORITY)
    receiving = receiver.blueprint(parts.context.desks, intake)
    csrf.exempt(receiving)
    app.register_blueprint(receiving)
    proxies = parts.settings.web["trusted_proxies"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app, intake


def page_actions(parts: Parts) -> Actions:
    """What pages and the API may set in motion."""
    return Actions(
        check_again=partial(actions.check_again, parts.context),
        replay_delivery=partial(actions.replay_delivery, parts.context),
        replay_effect=partial(actions.replay_effect, parts.context),
        ticket_url=partial(_ticket_url, parts.context.desks),
    )


def runtime(parts: Parts, *, worker: bool = True, clock: bool = True) -> Runtime:
    """The threads that work."""
    return Runtime(parts.context, worker=worker, clock=clock)


def _enabled(probes: Mapping[str, Probe], names: Sequence[str] | None) -> list[Probe]:
    if names is None:
        return list(probes.values())
    unknown = sorted(set(names) - set(probes))
    if unknown:
        raise ConfigurationError(f"[health] probes: there is no probe '{unknown[0]}'; there are {', '.join(probes)}")
    return [probes[name] for name in names]


def _ticket_url(desks: Mapping[str, Desk], desk: str, ticket_id: str) -> str | None:
    found = desks.get(desk)
    return found.ticket_url(ticket_id) if found else None
