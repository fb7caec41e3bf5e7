"""What `deskside check` says about sending: keys, subject, and whether push services can be reached in our time."""

import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

from deskside.errors import ConfigurationError, Malformed, Transient
from deskside.guard import AddressGuard
from deskside.ports import CheckResult
from push.settings import PushSettings
from push.wire.addresses import Addresses
from push.wire.endpoints import check
from push.wire.transport import Post, Reply, Transport
from push.wire.vapid import Keys

# Tokens are for half a day, so a clock may be wrong by much; one that is wrong by minutes is not being set at all.
MOST_SKEW_SECONDS = 300.0
_WAIT_SECONDS = 10.0
# No subscription has this path: what is asked is only whether somebody answers, and when.
_NOWHERE = "/deskside-check"


def keys(settings: PushSettings, alive: Mapping[str, int]) -> list[CheckResult]:
    """The configured keys against the living subscriptions of each key id; asks nobody outside."""
    try:
        known = Keys(settings)
    except ConfigurationError as error:
        return [CheckResult("push key", False, str(error), "set DESKSIDE_PUSH__VAPID_PRIVATE_KEY to a private key")]
    lost = {key: number for key, number in alive.items() if known.get(key) is None}
    results = []
    if lost:
        said = ", ".join(f"{number} of the key {key}" for key, number in sorted(lost.items()))
        cure = (
            "find the private key of this id and put it into [push] vapid_previous_keys, or into vapid_private_key "
            "when there is none; a new key cannot reach these people"
        )
        results.append(
            CheckResult("push keys lost", False, f"living subscriptions without a private key: {said}", cure)
        )
    if not settings.enabled:
        message = "there is no key, so web push is switched off (`deskside push keys` makes one)"
        return [*results, CheckResult("push key", True, message)]
    older = len(known.all) - 1
    message = f"{known.current.id} signs" + (f", {older} older for earlier subscriptions" if older else "")
    return [*results, CheckResult("push key", True, message), _subject(settings, bool(alive))]


def reach(settings: PushSettings, origins: Sequence[str], guard: AddressGuard | None = None) -> list[CheckResult]:
    """Whether these push services answer, and whether their clocks agree with ours. Waits up to ten seconds."""
    addresses = Addresses(guard or AddressGuard())
    transport = Transport(connect_seconds=_WAIT_SECONDS / 2, total_seconds=_WAIT_SECONDS)
    results = []
    try:
        for origin in origins:
            try:
                endpoint = check(origin + _NOWHERE, settings)
                found = addresses.of(endpoint, time.monotonic())
            except (Malformed, Transient) as error:
                results.append(CheckResult(f"push to {origin}", False, str(error), "check the name server and proxy"))
                continue
            ca_file = settings.ca_file if endpoint.exempt else None
            post = Post(origin + _NOWHERE, endpoint.host, endpoint.port, found, ["TTL: 0"], b"{}", ca_file)
            transport.start(origin, post)
        while transport.under_way:
            results += [_answered(origin, reply, time.time()) for origin, reply in transport.run(1.0)]
    finally:
        transport.close()
    return results


def _subject(settings: PushSettings, used: bool) -> CheckResult:
    if settings.subject:
        return CheckResult("push subject", True, f"push services are told {settings.subject}")
    message = "there is no contact for push services; Apple refuses messages without one"
    cure = 'set [push] subject to an address somebody reads, such as "mailto:push@example.com"'
    # Until somebody can subscribe, nothing is broken yet.
    return CheckResult("push subject", not (used or settings.origins), message, cure)


def _answered(origin: str, reply: Reply, now: float) -> CheckResult:
    name = f"push to {origin}"
    if reply.status is None:
        return CheckResult(name, False, reply.error, "let this machine connect to it on port 443, without a proxy")
    try:
        skew = now - parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return CheckResult(name, True, "answers")
    if abs(skew) > MOST_SKEW_SECONDS:
        way = "fast" if skew > 0 else "slow"
        message = f"answers, but our clock is {abs(skew) / 60:.0f} minutes {way}: it will refuse what we sign"
        return CheckResult(name, False, message, "have the clock of this machine set (chrony, systemd-timesyncd)")
    return CheckResult(name, True, "answers, and its clock agrees with ours")
