"""DNS blocklists: whether mail from the address is refused elsewhere. Says nothing about whether the host lives.

A list is believed only after its self test (RFC 5782 section 5): lists that were given up answer "listed" for all or
for nothing. The answers 127.255.255.x are errors of the question, never a listing
(https://www.spamhaus.org/news/article/788).
"""

import asyncio
import ipaddress
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.settings import HealthSettings, RblList
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

# The meanings are keys of the note's phrases. PBL lists the ranges of end users, who send through their provider.
ZEN_CODES = {
    "127.0.0.2": "sbl",
    "127.0.0.3": "css",
    "127.0.0.4": "xbl",
    "127.0.0.5": "xbl",
    "127.0.0.6": "xbl",
    "127.0.0.7": "xbl",
    "127.0.0.9": "drop",
    "127.0.0.10": "pbl",
    "127.0.0.11": "pbl",
    "127.0.0.30": "bcl",
}
ZEN_NORMAL = ("127.0.0.10", "127.0.0.11")
_ANSWERS = ipaddress.ip_network("127.0.0.0/8")
_ERRORS = ipaddress.ip_network("127.255.255.0/24")
_MUST_NOT_BE_LISTED = "127.0.0.1"
_TESTS = {4: ("127.0.0.2", _MUST_NOT_BE_LISTED), 6: ("::ffff:7f00:2", "::ffff:7f00:1")}
_DAY_SECONDS = 86_400.0
# An error is a matter of our configuration or volume: asking again at every ticket would only make it worse.
_ERROR_SECONDS = 3_600.0


class State(StrEnum):
    """What a list says of an address. `DROPPED`: the list failed its self test; `ERROR`: it refuses our question."""

    CLEAR = "clear"
    LISTED = "listed"
    NORMAL = "normal"
    ERROR = "error"
    TIMEOUT = "timeout"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Answer:
    """One list's answer: its state, and the codes that made it."""

    source: RblList
    state: State
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tested:
    answer: Answer
    until: float


class RblProbe:
    """Asks every list about the address that was looked at, through the configured resolver."""

    name = "rbl"
    kind = "rbl"

    def __init__(self, lists: Sequence[RblList] = ()) -> None:
        self._lists = tuple(lists)
        self._tested: dict[tuple[str, int], _Tested] = {}

    def applies(self, target: Target) -> bool:
        """When there is a list that we may ask."""
        return bool(self._lists)

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding over all lists; none for an address that is not the service's own, or not public."""
        address = surroundings.address
        if address is None or (target.addresses and address not in target.addresses):
            return ()
        # Not a guard, which has spoken already: a private address is on no public list, and must not be told to one.
        if not ipaddress.ip_address(address).is_global:
            return ()
        tasks = [asyncio.create_task(self._limited(source, address, surroundings)) for source in self._lists]
        try:
            await asyncio.wait(tasks)
        finally:
            for task in tasks:
                task.cancel()
        return (judge_lists(address, [task.result() for task in tasks]),)

    async def _limited(self, source: RblList, address: str, surroundings: Surroundings) -> Answer:
        try:
            async with asyncio.timeout(surroundings.limits["rbl_seconds"]):
                tested = await self._self_test(source, ipaddress.ip_address(address).version, surroundings)
                if tested.state is not State.CLEAR:
                    return tested
                return await _ask(source, address, surroundings)
        except TimeoutError:
            return Answer(source, State.TIMEOUT)

    async def _self_test(self, source: RblList, version: int, surroundings: Surroundings) -> Answer:
        """`CLEAR` when the list may be believed today; a test that had no answer is made again at the next look."""
        key = (source.zone, version)
        kept = self._tested.get(key)
        if kept is not None and kept.until > time.monotonic():
            return kept.answer
        listed, clear = await asyncio.gather(*(_ask(source, address, surroundings) for address in _TESTS[version]))
        bad = next((answer for answer in (listed, clear) if answer.state in (State.ERROR, State.TIMEOUT)), None)
        if bad is None:
            sound = listed.state in (State.LISTED, State.NORMAL) and clear.state is State.CLEAR
            bad = Answer(source, State.CLEAR if sound else State.DROPPED)
        if bad.state is not State.TIMEOUT:
            seconds = _ERROR_SECONDS if bad.state is State.ERROR else _DAY_SECONDS
            self._tested[key] = _Tested(bad, time.monotonic() + seconds)
        return bad


def lists_of(settings: HealthSettings) -> tuple[RblList, ...]:
    """The lists to ask: the operator's, or Spamhaus ZEN where its terms and its answers allow it.

    Through a public resolver it answers only 127.255.255.254, so without a resolver of our own or a key it is off.
    """
    if settings.rbl_lists is not None:
        return settings.rbl_lists
    if settings.spamhaus_key:
        zone = "zen.dq.spamhaus.net"
        return (RblList("Spamhaus ZEN", zone, ZEN_CODES, ZEN_NORMAL, settings.spamhaus_key),)
    if settings.nameservers:
        return (RblList("Spamhaus ZEN", "zen.spamhaus.org", ZEN_CODES, ZEN_NORMAL),)
    return ()


def query_name(source: RblList, address: str) -> str:
    """The name that stands for `address` in a list (RFC 5782 sections 2.1 and 2.4). Holds the list's key."""
    labels = ipaddress.ip_address(address).reverse_pointer.rsplit(".", 2)[0]
    return ".".join(part for part in (labels, source.key, source.zone) if part)


def read_codes(source: RblList, codes: Sequence[str]) -> Answer:
    """What the records of a list mean."""
    answers = [ipaddress.ip_address(code) for code in codes]
    # Outside 127/8 speaks somebody else: a parked zone, or a resolver that answers everything.
    if any(answer in _ERRORS or answer not in _ANSWERS for answer in answers):
        return Answer(source, State.ERROR, tuple(codes))
    real = tuple(code for code in codes if code != _MUST_NOT_BE_LISTED)
    if not real:
        return Answer(source, State.CLEAR)
    return Answer(source, State.NORMAL if set(real) <= set(source.normal) else State.LISTED, real)


def judge_lists(address: str, answers: Sequence[Answer]) -> Finding:
    """The finding over all lists: degraded when one lists the address, ok when one that can be believed does not."""
    states = {answer.state for answer in answers}
    word = Word.UNKNOWN
    if State.LISTED in states:
        word = Word.DEGRADED
    elif states & {State.CLEAR, State.NORMAL}:
        word = Word.OK
    lists = [
        {
            "name": answer.source.name,
            "state": answer.state.value,
            "codes": list(answer.codes),
            "meanings": list(dict.fromkeys(answer.source.codes.get(code, code) for code in answer.codes)),
        }
        for answer in answers
    ]
    said = ", ".join(f"{answer.source.name} {answer.state.value}" for answer in answers)
    code = "listed" if word is Word.DEGRADED else "clear" if word is Word.OK else "unanswered"
    details = {"code": code, "address": address, "lists": lists}
    return Finding("rbl", "rbl", word, Sign.NOTHING, f"{address} on blocklists: {said}", details)


async def _ask(source: RblList, address: str, surroundings: Surroundings) -> Answer:
    try:
        codes = await surroundings.resolver.records(query_name(source, address), "A")
    except NoSuchName:
        return Answer(source, State.CLEAR)
    except (ResolverTimeout, ResolverFailure):
        # Their texts hold the name that was asked, and so the key.
        return Answer(source, State.TIMEOUT)
    return read_codes(source, codes)


class Plugin:
    """Builds the probe over the configured lists."""

    name = "rbl"

    def build(self, settings: HealthSettings, database: sa.Engine) -> RblProbe:
        """The probe; asks nobody yet."""
        return RblProbe(lists_of(settings))


probe = Plugin()
