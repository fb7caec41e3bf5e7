"""The section `[health]` of `deskside.toml`, and the limits of all probes in one table."""

import ipaddress
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
from marshmallow import validate

from adapters.health.guard import parse_network
from adapters.health.sweep.pace import MOST_PER_SECOND

# Every limit of every probe. The keys may be set under [health.limits]; seconds unless the name says otherwise.
LIMITS: Mapping[str, float] = {
    "resolve_seconds": 3.0,
    "icmp_packets": 4,
    "icmp_gap_seconds": 0.2,
    "icmp_wait_seconds": 2.0,
    "icmp_loss_percent": 25.0,
    "tcp_seconds": 3.0,
    "tcp_ports": 12,
    "http_seconds": 6.0,
    "http_slow_seconds": 3.0,
    "http_cap_bytes": 65_536,
    "tls_seconds": 6.0,
    "tls_warn_days": 21,
    "dns_seconds": 5.0,
    "dns_server_seconds": 2.0,
    "dns_servers": 8,
    "dns_long_ttl_seconds": 86_400,
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address with a port; `port` None means that no port was named."""

    address: str
    port: int | None = None

    def __str__(self) -> str:
        if self.port is None:
            return self.address
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """What an operator may set about health checks.

    `probes` names the probes to run (None: all that are installed). `anchors` are addresses that must answer when
    our own uplink works. `target_fields` are ids of ticket or client fields that name the service.
    `share_seconds` is how long the report on one target is shown again instead of measured again.
    `sweep_seconds` is the time between two rounds over the whole fleet (0: no sweep), `sweep_packets_per_second` its
    pace (0: as slow as a round in that time allows).
    """

    deadline_seconds: float = 10.0
    allow_networks: tuple[str, ...] = ()
    deny_networks: tuple[str, ...] = ()
    anchors: tuple[Endpoint, ...] = ()
    nameservers: tuple[Endpoint, ...] = ()
    probes: tuple[str, ...] | None = None
    target_fields: tuple[str, ...] = ()
    vantage: str = ""
    concurrent: int = 20
    share_seconds: float = 60.0
    sweep_seconds: int = 60
    sweep_packets_per_second: int = 0
    limits: Mapping[str, float] = field(default_factory=lambda: dict(LIMITS))


class TextList(ma.fields.Field[list[str]]):
    """A list of texts, or one text with commas (the form an environment variable has)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if isinstance(value, str):
            value = value.split(",")
        if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
            raise ma.ValidationError(f"found {value!r}; allowed is a list of texts or one text with commas")
        return [item for item in (str(item).strip() for item in value) if item]


def _networks(values: list[str]) -> None:
    for value in values:
        try:
            parse_network(value)
        except ValueError as error:
            raise ma.ValidationError(f"found {value!r}; allowed is a network such as 192.0.2.0/24 ({error})") from None


def _endpoints(values: list[str]) -> None:
    for value in values:
        try:
            parse_endpoint(value)
        except ValueError:
            raise ma.ValidationError(
                f"found {value!r}; allowed is an IP address, or one with a port: 192.0.2.1:53 or [2001:db8::1]:53"
            ) from None


def parse_endpoint(text: str) -> Endpoint:
    """Read `address`, `address:port` or `[v6]:port`. Raises `ValueError`."""
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d{1,5}))?|([0-9.]+):(\d{1,5})", text.strip())
    if match is None:
        return Endpoint(str(ipaddress.ip_address(text.strip())))
    address, port = match[1] or match[3], match[2] or match[4]
    if port is not None and not 0 < int(port) < 65_536:
        raise ValueError(text)
    return Endpoint(str(ipaddress.ip_address(address)), None if port is None else int(port))


def _off_or(least: int, most: int) -> Callable[[int], None]:
    def check(value: int) -> None:
        if value and not least <= value <= most:
            raise ma.ValidationError(f"found {value}; allowed is 0 (off), or {least} to {most}")

    return check


class HealthSchema(ma.Schema):
    """Checks the section and loads it as `HealthSettings`."""

    deadline_seconds = ma.fields.Float(validate=validate.Range(1, 60))
    allow_networks = TextList(validate=_networks)
    deny_networks = TextList(validate=_networks)
    anchors = TextList(validate=_endpoints)
    nameservers = TextList(validate=_endpoints)
    probes = TextList(allow_none=True)
    target_fields = TextList()
    vantage = ma.fields.String(validate=validate.Length(max=60))
    concurrent = ma.fields.Integer(validate=validate.Range(1, 200))
    share_seconds = ma.fields.Float(validate=validate.Range(0, 3600))
    sweep_seconds = ma.fields.Integer(validate=_off_or(10, 3600))
    sweep_packets_per_second = ma.fields.Integer(validate=validate.Range(0, MOST_PER_SECOND))
    limits = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(validate=validate.Range(0)))

    @ma.validates("limits")
    def _known_limits(self, value: Mapping[str, float], data_key: str) -> None:
        unknown = sorted(set(value) - set(LIMITS))
        if unknown:
            raise ma.ValidationError(f"found {', '.join(unknown)}; allowed are {', '.join(LIMITS)}")

    @ma.post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> HealthSettings:
        for key in ("allow_networks", "deny_networks", "target_fields", "probes"):
            if data.get(key) is not None:
                data[key] = tuple(data[key])
        for key in ("anchors", "nameservers"):
            if key in data:
                data[key] = tuple(parse_endpoint(text) for text in data[key])
        data["limits"] = {**LIMITS, **data.get("limits", {})}
        data["vantage"] = data.get("vantage") or socket.gethostname()
        return HealthSettings(**data)
