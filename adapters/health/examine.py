"""One examination: resolve once, ask the guard, run every probe at once, answer by the deadline whatever happens."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapters.health.anchors import any_answers
from adapters.health.connect import has_route
from adapters.health.dns import resolution_failed
from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.names import ascii_name
from adapters.health.opinions import Others, SecondOpinion
from adapters.health.resolver import OnceResolver, StubResolver
from adapters.health.settings import HealthSettings
from adapters.health.verdict import LEADING, judge
from deskside.errors import AddressForbidden
from deskside.guard import AddressGuard, plain
from deskside.model.access import Access
from deskside.model.health import Finding, HealthReport, Sign, Word
from deskside.model.service import Target
from deskside.ports import Guard, Probe, Surroundings

# How long cancelled probes may take to clean up; who needs longer is left behind.
_CLEANING_SECONDS = 0.1

# Told what each probe has found, as soon as it has.
Notice = Callable[[Sequence[Finding]], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """What DNS said at the start: addresses, and the error when it said none."""

    addresses: tuple[str, ...]
    error: NoSuchName | ResolverTimeout | ResolverFailure | None = None


async def examine(
    target: Target,
    probes: Sequence[Probe],
    settings: HealthSettings,
    *,
    resolver: StubResolver | None = None,
    guard: Guard | None = None,
    others: Others | None = None,
    access: Access | None = None,
) -> HealthReport:
    """Look at `target` with every probe that applies; ends within `settings.deadline_seconds`.

    Nothing is connected to when any address, from the inventory or from DNS, is forbidden. A probe that fails by its
    own fault, or does not finish, gives an unknown finding and never harms the others. When the target is silent from
    here, `others` are asked within the same deadline. Never raises for what the network, the target or a probe does.
    """
    started, checked_at = time.monotonic(), datetime.now(UTC)
    deadline = started + settings.deadline_seconds
    target = _normal(target)
    guard = guard or AddressGuard(settings.allow_networks, settings.deny_networks)
    opinion = SecondOpinion(others, target, deadline - _CLEANING_SECONDS / 2)
    once = OnceResolver(resolver or StubResolver(settings.nameservers, settings.limits["resolve_seconds"]))
    try:
        answers = await _resolve(target, once, settings)
        address = choose_address(target, answers.addresses)
        forbidden = _forbidden((*answers.addresses, *((target.address,) if target.address else ())), guard)
        chosen = [probe for probe in probes if _wanted(probe, settings) and _applies(probe, target)]
        findings: tuple[Finding, ...] = ()
        if forbidden is not None:
            findings, address = (forbidden,), None
        elif address is not None and not has_route(address):
            findings = (_no_route(address),)
        surroundings = Surroundings(address, answers.addresses, guard, once, settings.limits, access)
        if findings:
            records = [probe for probe in chosen if probe.kind in LEADING]
            findings = (*findings, *await _run(records, target, surroundings, deadline, opinion.notice))
        else:
            findings = await _measure(chosen, target, surroundings, settings, deadline, opinion.notice)
            if answers.error is not None and not any(finding.kind == "dns" for finding in findings):
                findings = (*findings, resolution_failed(target.host or "", answers.error))
        word, headline = judge(findings)
        if any(finding.details.get("code") == "our_side" for finding in findings):
            word, headline = Word.UNKNOWN, "our side? the target is silent, and so are all anchors"
        report = HealthReport(target, address, word, headline, findings, checked_at, 0.0, settings.vantage)
        report = await opinion.over(report)
    finally:
        once.close()
        opinion.close()
    return replace(report, took_ms=(time.monotonic() - started) * 1000)


def choose_address(target: Target, answers: Sequence[str]) -> str | None:
    """The one address to look at: the inventory's if it has one, else the first of DNS that we have a way to."""
    known = set(target.addresses) | ({target.address} if target.address else set())
    for address in answers:
        if address in known:
            return address
    if target.address is not None:
        return target.address
    return next((address for address in answers if has_route(address)), next(iter(answers), None))


def unknown_report(target: Target, settings: HealthSettings, code: str, summary: str, took_ms: float) -> HealthReport:
    """A report that says only why there is none."""
    finding = Finding("examine", "examine", Word.UNKNOWN, Sign.NOTHING, summary, {"code": code})
    return HealthReport(target, None, Word.UNKNOWN, summary, (finding,), datetime.now(UTC), took_ms, settings.vantage)


def _normal(target: Target) -> Target:
    """The target with canonical spellings; a host that is an address in truth becomes the address."""
    host, address = target.host, target.address
    if host is not None:
        with contextlib.suppress(ValueError):
            literal = plain(host)
            host, address = None, address or literal
    if host is not None:
        host = ascii_name(host) or host
    if address is not None:
        with contextlib.suppress(ValueError):
            address = plain(address)
    return replace(target, host=host, address=address)


async def _resolve(target: Target, resolver: OnceResolver, settings: HealthSettings) -> Answers:
    """Ask for the target's addresses, within half of the deadline at most: the probes need the rest."""
    if target.host is None:
        return Answers(())
    try:
        async with asyncio.timeout(min(settings.limits["resolve_seconds"] + 0.5, settings.deadline_seconds / 2)):
            return Answers(await resolver.addresses(target.host))
    except TimeoutError:
        return Answers((), ResolverTimeout(f"no answer for {target.host} in time"))
    except (NoSuchName, ResolverTimeout, ResolverFailure) as error:
        return Answers((), error)


def _forbidden(addresses: Sequence[str], guard: Guard) -> Finding | None:
    for address in addresses:
        try:
            guard.check(address)
        except AddressForbidden as error:
            details: Mapping[str, object] = {"code": "forbidden", "address": address, "reason": error.reason}
            return Finding("guard", "guard", Word.UNKNOWN, Sign.NOTHING, f"nothing was probed: {error}", details)
    return None


def _no_route(address: str) -> Finding:
    summary = f"this machine has no route to {address}"
    return Finding("examine", "examine", Word.UNKNOWN, Sign.NOTHING, summary, {"code": "no_route", "address": address})


def _our_side() -> Finding:
    summary = "none of the anchors answers either, so our own uplink may be at fault"
    return Finding("anchors", "anchors", Word.UNKNOWN, Sign.NOTHING, summary, {"code": "our_side"})


def _wanted(probe: Probe, settings: HealthSettings) -> bool:
    return settings.probes is None or probe.name in settings.probes


def _applies(probe: Probe, target: Target) -> bool:
    try:
        return probe.applies(target)
    except Exception:
        _log.exception("the probe %s failed to say whether it applies", probe.name)
        return False


async def _measure(
    probes: Sequence[Probe],
    target: Target,
    surroundings: Surroundings,
    settings: HealthSettings,
    deadline: float,
    notice: Notice,
) -> tuple[Finding, ...]:
    """All findings; the anchors are asked at the same time, so that a doubt about our side costs no time later."""
    uplink = asyncio.create_task(_uplink_works(settings, deadline))
    try:
        findings = await _run(probes, target, surroundings, deadline, notice)
        if judge(findings)[0] is Word.DOWN and not await uplink:
            findings = (*findings, _our_side())
        return findings
    finally:
        uplink.cancel()


async def _run(
    probes: Sequence[Probe], target: Target, surroundings: Surroundings, deadline: float, notice: Notice
) -> tuple[Finding, ...]:
    tasks = {asyncio.create_task(_look(probe, target, surroundings, notice)): probe for probe in probes}
    if not tasks:
        return ()
    try:
        _, pending = await asyncio.wait(tasks, timeout=max(0.0, deadline - _CLEANING_SECONDS - time.monotonic()))
    finally:
        for task in tasks:
            task.cancel()
    if pending:
        await asyncio.wait(pending, timeout=_CLEANING_SECONDS)
    found: list[Finding] = []
    for task, probe in tasks.items():
        found.extend((_unfinished(probe),) if task in pending else task.result())
    return tuple(found)


async def _look(probe: Probe, target: Target, surroundings: Surroundings, notice: Notice) -> tuple[Finding, ...]:
    started = time.monotonic()
    try:
        findings = await probe.look(target, surroundings)
        notice(findings)
        took = (time.monotonic() - started) * 1000
        return tuple(replace(finding, took_ms=finding.took_ms or took) for finding in findings)
    except Exception as error:
        _log.exception("the probe %s failed", probe.name)
        details: Mapping[str, object] = {"code": "fault", "error": type(error).__name__}
        summary = f"the probe {probe.name} failed by its own fault ({type(error).__name__})"
        return (Finding(probe.name, probe.kind, Word.UNKNOWN, Sign.NOTHING, summary, details),)


def _unfinished(probe: Probe) -> Finding:
    summary = f"the probe {probe.name} had no answer by the deadline"
    return Finding(probe.name, probe.kind, Word.UNKNOWN, Sign.NOTHING, summary, {"code": "deadline"})


async def _uplink_works(settings: HealthSettings, deadline: float) -> bool:
    """True when no anchors are configured: then nothing is known against our side."""
    if not settings.anchors:
        return True
    try:
        async with asyncio.timeout(max(0.0, deadline - _CLEANING_SECONDS - time.monotonic())):
            return await any_answers(settings.anchors, settings.limits)
    except TimeoutError:
        return False
