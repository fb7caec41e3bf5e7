"""The wiring: from settings to the parts of a running Deskside, and to its Flask application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import marshmallow
import sqlalchemy as sa
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from adapters.health.examiner import Examiner
from adapters.health.prober.client import Vantages
from adapters.health.prober.protocol import PROBES
from adapters.health.settings import HealthSchema, HealthSettings
from adapters.health.sweep.echo import IcmpSocket
from adapters.health.sweep.sweeper import OpenEcho, Sweeper
from adapters.knowledge import building
from deskside import plugins
from deskside.errors import ConfigurationError
from deskside.fetching import Fetcher
from deskside.guard import AddressGuard
from deskside.knowledge.search import settings as search
from deskside.ports import Channel, Desk, Environment, Portal, Probe, ProbePlugin, Surface
from deskside.settings import Settings
from deskside.store.database import open_database
from deskside.vault import Vault
from jobs import actions, boosts, candidates, deliveries, digests, knowledge, messages, moves, weights
from jobs import push as push_jobs
from jobs.access import access_for
from jobs.context import Context
from jobs.engine import for_database
from jobs.parts import Digesting, Falling
from jobs.runtime import Runtime
from push.campaigns.launch import launch
from push.digests.settings import DigestSchema, DigestSettings
from push.fallback import FallbackSchema, Letters, Rules
from push.launching import Wish
from push.links import Links
from push.sending.gates import Manners, manners
from push.settings import PushSchema, PushSettings
from push.wire.fanout import Fanout
from push.wire.vapid import Keys
from webhooks import context as faces
from webhooks import embed, receiver, site
from webhooks.actions import Actions
from webhooks.intake import Intake


@dataclass(frozen=True)
class Parts:
    """Everything of one process. Nothing of it has touched the outside or started a thread yet."""

    settings: Settings
    database: sa.Engine
    context: Context
    vault: Vault


def build(settings: Settings, instead: Sequence[Probe] = (), open_echo: OpenEcho = IcmpSocket) -> Parts:
    """Put the parts together; the probes `instead` stand in for the installed ones of the same name.

    `open_echo` stands in for ICMP in the sweep.

    Raises ConfigurationError naming what cannot be used.
    """
    desk_plugins = plugins.find("deskside.desks")
    channel_plugins = plugins.find("deskside.channels")
    claimed = {plugin.name for plugin in (*desk_plugins, *channel_plugins)}
    settings.claim({"digest", "fallback", "health", "knowledge", "prober", "push", *claimed})
    health: HealthSettings = settings.section("health", HealthSchema)
    push: PushSettings = settings.section("push", PushSchema)
    database = open_database(settings.database["url"], pool_size=settings.jobs["threads"] + 4)
    desks: dict[str, Desk] = {
        plugin.name: plugin.loaded.build(settings.section(plugin.name, plugin.loaded.schema), database)
        for plugin in desk_plugins
        if plugin.name in settings.raw
    }
    digest = digesting(settings, desks)
    guard = AddressGuard(health.allow_networks, health.deny_networks)
    engine = for_database(database, settings.jobs["threads"], settings.jobs["stalled_seconds"])
    vault = Vault(health.vault_keys)
    context = Context(
        database=database,
        engine=engine,
        settings=settings,
        desks=desks,
        factors=[plugin.loaded for plugin in plugins.find("deskside.factors")],
        examiner=examiner(settings, database, instead),
        calendars=settings.calendars,
        pool_rules=settings.pool_rules,
        caps=settings.caps,
        target_fields=("service", *health.target_fields),
        quiet_seconds=settings.jobs["quiet_seconds"],
        budgets=health.budgets,
        sweeper=Sweeper(health, open_echo) if health.sweep_seconds else None,
        push=push if push.enabled else None,
        fanout=Fanout(push, Keys(push)) if push.enabled else None,
        digesting=digest,
        falling=falling(settings, channel_plugins, messages.letters(push, digest)),
        publishing=building.build(settings, Surface(desks, guard, database, settings.base_url)),
        synonyms=search.read(settings),
    )
    engine.context = context
    return Parts(settings, database, context, vault)


def digesting(settings: Settings, desks: Mapping[str, Desk]) -> Digesting | None:
    """What digests are made with; None where push is switched off. Raises ConfigurationError."""
    push: PushSettings = settings.section("push", PushSchema)
    health: HealthSettings = settings.section("health", HealthSchema)
    digest: DigestSettings = settings.section("digest", DigestSchema)
    if not push.enabled:
        return None
    guard = AddressGuard(health.allow_networks, health.deny_networks)
    environment = Environment(desks, guard)
    return Digesting(
        settings=digest,
        zone=ZoneInfo(push.zone),
        sources={plugin.name: plugin.loaded.build(environment) for plugin in plugins.find("deskside.digest_sources")},
        fetcher=Fetcher(guard),
        links=Links(settings.base_url, settings.web["secret_key"]),
        launch=partial(_launch, manners(push)),
    )


def _launch(portal: Manners, connection: sa.Connection, wish: Wish, now: datetime) -> int:
    return launch(connection, wish, portal, now)


def falling(settings: Settings, channel_plugins: Sequence[plugins.Plugin], letters: Letters) -> Falling | None:
    """The channels there are, and what goes by them; None where nothing does. Raises ConfigurationError."""
    rules: Rules = settings.section("fallback", FallbackSchema)
    configured = [plugin for plugin in channel_plugins if plugin.name in settings.raw]
    channels: dict[str, Channel] = {
        plugin.name: plugin.loaded.build(settings.section(plugin.name, plugin.loaded.schema)) for plugin in configured
    }
    for kind, rule in rules.items():
        unknown = [name for name in rule.channels if name not in channels]
        if unknown:
            there = ", ".join(channels) or "none"
            raise ConfigurationError(
                f"[fallback.{kind}] channels: there is no channel '{unknown[0]}' with a section of its own; "
                f"there are {there}"
            )
    if not channels:
        return None
    return Falling(rules, channels, {plugin.name: plugin.loaded.attribute for plugin in configured}, letters)


def examiner(
    settings: Settings, database: sa.Engine | None = None, instead: Sequence[Probe] = (), *, alone: bool = False
) -> Examiner:
    """What looks at targets, as `[health]` says. Needs no database, though some probes tell more with one.

    `alone` is for a prober: only the probes that look over the network, and no other vantage is asked. Raises
    ConfigurationError naming what cannot be used.
    """
    health: HealthSettings = settings.section("health", HealthSchema)
    # Not touched before a probe reads it.
    database = database or open_database(settings.database["url"], pool_size=1)
    found = {
        plugin.name: _built(plugin.loaded, health, database)
        for plugin in plugins.find("deskside.probes")
        if plugin.name in PROBES or not alone
    }
    found |= {probe.name: probe for probe in instead}
    probes = _enabled(
        found, [name for name in health.probes if name in found] if alone and health.probes else health.probes
    )
    others = vantages(health, [probe.name for probe in probes]) if health.vantages and not alone else None
    # A prober has no clients' accesses.
    admit = None if alone else partial(access_for, database, Vault(health.vault_keys))
    return Examiner(health, probes, others=others, access_for=admit)


def vantages(health: HealthSettings, probes: Sequence[str]) -> Vantages:
    """The other vantages of these settings, asked for looks by these probes. Raises ConfigurationError."""
    for vantage in health.vantages:
        if vantage.ca_file is not None and not Path(vantage.ca_file).is_file():
            raise ConfigurationError(
                f"[health] vantages: {vantage.name} has the ca_file {vantage.ca_file}: no such file"
            )
    return Vantages(health.vantages, probes)


def create_app(parts: Parts) -> tuple[Flask, Intake]:
    """The Flask application, and the intake that must be started after a fork. Raises ConfigurationError."""
    app = Flask("deskside")
    site.register(app, parts.database, parts.settings, page_actions(parts), parts.vault)
    embed.mount(app, parts.context.desks, faces.of(app))
    intake = Intake(parts.database, parts.context.engine, "delivery.handle", deliveries.PRIORITY)
    receiver.mount(app, parts.context.desks, intake)
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
        desk_title=partial(_desk_title, parts.context.desks),
        access_given=partial(actions.access_given, parts.context),
        move=partial(moves.move, parts.context),
        change_weights=partial(weights.change, parts.context),
        boost_offers=partial(boosts.offers, parts.context),
        ask_boost=partial(boosts.ask, parts.context),
        push_soon=partial(push_jobs.look_soon, parts.context),
        digest_kinds=partial(_digest_kinds, parts.context.digesting),
        look_at_source=partial(digests.look_at_soon, parts.context),
        send_digest=partial(digests.send_soon, parts.context),
        look_at_knowledge=partial(knowledge.look_soon, parts.context),
        apply_knowledge=partial(knowledge.apply_soon, parts.context),
        decide_knowledge=partial(knowledge.decide, parts.context),
        ask_candidate=partial(candidates.ask, parts.context),
        portal_secrets=partial(_portal_secrets, parts.context.desks),
    )


def _digest_kinds(digest: Digesting | None) -> Mapping[str, type[marshmallow.Schema]]:
    if digest is None:
        return {}
    return {plugin.name: plugin.loaded.schema for plugin in plugins.find("deskside.digest_sources")}


def runtime(parts: Parts, *, worker: bool = True, clock: bool = True) -> Runtime:
    """The threads that work."""
    return Runtime(parts.context, worker=worker, clock=clock)


def _built(loaded: Probe | ProbePlugin, settings: HealthSettings, database: sa.Engine) -> Probe:
    return loaded.build(settings, database) if hasattr(loaded, "build") else loaded


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


def _desk_title(desks: Mapping[str, Desk], desk: str) -> str:
    found = desks.get(desk)
    return found.title if found else desk


def _portal_secrets(desks: Mapping[str, Desk], desk: str) -> Sequence[str]:
    found = desks.get(desk)
    return found.portal_secrets() if isinstance(found, Portal) else ()
