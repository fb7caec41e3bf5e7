"""Not a scanner: how often a client, a network and all of it may be looked at. What is spent is logged first."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.model.service import Target
from deskside.store import probe_log
from deskside.store.database import Row

# Who asks when nobody does: the ticket itself.
AUTOMATIC = "ticket"
_HOUR, _DAY, _MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which budget is spent (a code as in the words `budget.*`); `retry_after` seconds only when it is a short one."""

    code: str
    retry_after: float | None = None


def take(
    connection: sa.Connection,
    budgets: Mapping[str, int],
    *,
    client: str,
    targets: Sequence[Target],
    asked_by: str,
    reason: str,
    now: datetime,
) -> Refusal | None:
    """Spend one check of `targets` and log it, or say which budget is spent and log nothing.

    Two workers cannot spend the same: the count and the log are one transaction, and one at a time. `reason` is
    unique to the check. `budgets` has the keys of `adapters.health.settings.BUDGETS`.
    """
    probe_log.lock(connection)
    wanted = [place(target) for target in targets]
    refusal = (
        _of_client(connection, budgets, client, now)
        if asked_by == AUTOMATIC
        else _of_targets(connection, budgets, wanted, now)
    ) or _of_all(connection, budgets, wanted, now)
    if refusal is None:
        for address in wanted:
            probe_log.add(connection, at=now, client=client, address=address, asked_by=asked_by, reason=reason)
    return refusal


def place(target: Target) -> str:
    """The address a target is logged under: its own, else one the inventory knows, else its name."""
    return target.address or next(iter(target.addresses), None) or target.host or ""


def network(address: str) -> str:
    """The /24 or, of IPv6, the /48 of an address; a name is a network of its own."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def _of_client(connection: sa.Connection, budgets: Mapping[str, int], client: str, now: datetime) -> Refusal | None:
    for code, span in (("client_enrichments_per_hour", _HOUR), ("client_enrichments_per_day", _DAY)):
        if probe_log.checks_of_client(connection, client, AUTOMATIC, now - span) >= budgets[code]:
            return Refusal(code)
    return None


def _of_targets(
    connection: sa.Connection, budgets: Mapping[str, int], wanted: Sequence[str], now: datetime
) -> Refusal | None:
    span = timedelta(seconds=budgets["asked_again_seconds"])
    if probe_log.asked_for(connection, wanted, AUTOMATIC, now - span):
        return Refusal("asked_again_seconds", span.total_seconds())
    return None


def _of_all(
    connection: sa.Connection, budgets: Mapping[str, int], wanted: Sequence[str], now: datetime
) -> Refusal | None:
    recent = probe_log.since(connection, now - _MINUTE)
    for name in dict.fromkeys(network(address) for address in wanted):
        count = sum(network(address) == name for address in wanted)
        within = [row for row in recent if network(row.address) == name]
        if len(within) + count > budgets["network_looks_per_minute"]:
            return Refusal("network_looks_per_minute", _until_free(within, now))
    if len(recent) + len(wanted) > budgets["looks_per_minute"]:
        return Refusal("looks_per_minute", _until_free(recent, now))
    return None


def _until_free(rows: Sequence[Row], now: datetime) -> float:
    """Seconds until the oldest of `rows` (oldest first) is a minute old."""
    oldest = rows[0].at if rows else now
    return max(1.0, (oldest + _MINUTE - now).total_seconds())
