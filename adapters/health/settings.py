"""The section `[health]` of `deskside.toml`, and the limits of all probes in one table."""

import ipaddress
import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import marshmallow as ma
from marshmallow import validate

from adapters.health.sweep.pace import MOST_PER_SECOND
from deskside.guard import parse_network
from deskside.vault import Vault

# Every limit of every probe. The keys may be set under [health.limits]; seconds unless the name says otherwise.
LIMITS: Mapping[str, float] = {
    "resolve_seconds": 3.0,
    "icmp_packets": 4,
    "icmp_gap_seconds": 0.2,
    "icmp_wait_seconds": 2.0,
    "icmp_loss_percent": 25.0,
    "icmp_slower_ms": 150.0,
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
    "rbl_seconds": 4.0,
    "rdap_seconds": 6.0,
    "rdap_cap_bytes": 65_536,
    "rdap_per_minute": 30,
    "rdap_kept_hours": 24,
    "rdap_kept_names": 5_000,
    "domain_warn_days": 30,
    "ssh_seconds": 6.5,
    "ssh_login_seconds": 4.0,
    "ssh_cap_bytes": 983_040,
    "disk_percent": 90,
    "disk_free_gb": 10,
    "disk_full_percent": 97,
    "disk_full_free_gb": 1,
    "inode_percent": 90,
    "load_per_core": 1.5,
    "load_high_per_core": 4,
    "memory_percent": 10,
    "memory_low_percent": 3,
    "oom_hours": 1,
    "smart_wear_percent": 90,
}

# How often anything may be looked at. The keys may be set under [health.budgets]. An enrichment is one ticket's check
# that nobody asked for; a look is one target of a check, whoever asked. A network is a /24, or a /48 of IPv6.
BUDGETS: Mapping[str, int] = {
    "client_enrichments_per_hour": 6,
    "client_enrichments_per_day": 60,
    "asked_again_seconds": 60,
    "network_looks_per_minute": 60,
    "looks_per_minute": 600,
}
LEAST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Vantage:
    """Another place that is asked how a target looks from there: a `deskside prober` at `url`.

    `ca_file` holds the certificates to trust in place of the usual ones, for a prober with a certificate of its own.
    """

    name: str
    url: str
    secret: str = field(repr=False)
    ca_file: str | None = None


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
class RblList:
    """A DNS blocklist: where it is asked (`key` goes before `zone`, and is a secret), and what its answers mean.

    `codes` maps an answer (127.0.0.2) to its meaning in a few words; `normal` are answers that are no fault.
    """

    name: str
    zone: str
    codes: Mapping[str, str] = field(default_factory=dict)
    normal: tuple[str, ...] = ()
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """What an operator may set about health checks.

    `probes` names the probes to run (None: all that are installed). `anchors` are addresses that must answer when
    our own uplink works. `target_fields` are ids of ticket or client fields that name the service.
    `share_seconds` is how long the report on one target is shown again instead of measured again. `rbl_lists` None
    means Spamhaus ZEN where we may ask it: with a key of its Data Query Service, or through name servers of our own.
    `rdap_bootstrap` is a copy of IANA's list of registration data servers; the bundled one serves without it.
    `vantages` are asked when a target is silent from here; `budgets` are kept by the jobs. `vault_keys` seal what
    clients give to sign in to their servers; without any, nobody is asked for it.
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
    rbl_lists: tuple[RblList, ...] | None = None
    spamhaus_key: str = field(default="", repr=False)
    rdap_bootstrap: str = ""
    sweep_seconds: int = 60
    sweep_packets_per_second: int = 0
    limits: Mapping[str, float] = field(default_factory=lambda: dict(LIMITS))
    vantages: tuple[Vantage, ...] = ()
    budgets: Mapping[str, int] = field(default_factory=lambda: dict(BUDGETS))
    vault_keys: tuple[str, ...] = field(default=(), repr=False)


class TextList(ma.fields.Field[list[str]]):
    """A list of texts, or one text with commas (the form an environment variable has)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if isinstance(value, str):
            value = value.split(",")
        if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
            raise ma.ValidationError(f"found {value!r}; allowed is a list of texts or one text with commas")
        return [item for item in (str(item).strip() for item in value) if item]


class SecretList(TextList):
    """The same, never quoting what was found."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ma.ValidationError:
            raise ma.ValidationError("allowed is a list of texts or one text with commas") from None


def _vault_keys(values: list[str]) -> None:
    try:
        Vault(values)
    except ValueError as error:
        raise ma.ValidationError(str(error)) from None


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


class VantageSchema(ma.Schema):
    """One of `vantages`. Its errors never quote the secret."""

    name = ma.fields.String(required=True, validate=validate.Length(1, 60))
    url = ma.fields.String(required=True)
    secret = ma.fields.String(required=True, validate=validate.Length(LEAST_SECRET, 200))
    ca_file = ma.fields.String(load_default=None)

    @ma.validates("url")
    def _usable(self, value: str, data_key: str) -> None:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ma.ValidationError("allowed is an address such as https://prober.example.net:8643")

    @ma.post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> Vantage:
        return Vantage(data["name"], data["url"].rstrip("/"), data["secret"], data["ca_file"])


class VantageList(ma.fields.List[Vantage]):
    """A list of tables, or the same as one text of JSON (the form an environment variable has)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ma.fields.Nested(VantageSchema), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, str):
            try:
                value = json.loads(value or "[]")
            except ValueError:
                raise ma.ValidationError("is no JSON; allowed is a list of {name, url, secret}") from None
        loaded: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        names = [vantage.name for vantage in loaded]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ma.ValidationError(f"two have the name '{twice[0]}': each needs one of its own")
        return loaded


def _code(value: str) -> None:
    try:
        inside = ipaddress.ip_address(value) in ipaddress.ip_network("127.0.0.0/8")
    except ValueError:
        inside = False
    if not inside:
        raise ma.ValidationError(f"found {value!r}; allowed is an answer of a list such as 127.0.0.2")


class RblListSchema(ma.Schema):
    """Checks one entry of `rbl_lists` and loads it as `RblList`."""

    name = ma.fields.String(required=True, validate=validate.Length(1, 60))
    zone = ma.fields.String(required=True, validate=validate.Regexp(r"(?i)[a-z0-9_-]+(\.[a-z0-9_-]+)+\Z"))
    codes = ma.fields.Dict(
        keys=ma.fields.String(validate=_code), values=ma.fields.String(validate=validate.Length(1, 80))
    )
    normal = ma.fields.List(ma.fields.String(validate=_code))
    key = ma.fields.String(validate=validate.Regexp(r"[A-Za-z0-9]{1,63}\Z", error="is no key: letters and digits"))

    @ma.post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> RblList:
        return RblList(**{**data, "normal": tuple(data.get("normal", ()))})


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
    rbl_lists = ma.fields.List(ma.fields.Nested(RblListSchema), allow_none=True)
    spamhaus_key = ma.fields.String(
        validate=validate.Regexp(
            r"[A-Za-z0-9]{0,63}\Z", error="is no key of the Data Query Service: letters and digits"
        )
    )
    rdap_bootstrap = ma.fields.String()
    sweep_seconds = ma.fields.Integer(validate=_off_or(10, 3600))
    sweep_packets_per_second = ma.fields.Integer(validate=validate.Range(0, MOST_PER_SECOND))
    limits = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(validate=validate.Range(0)))
    budgets = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(validate=validate.Range(0)))
    vantages = VantageList()
    vault_keys = SecretList(validate=_vault_keys)
    vault_key_file = ma.fields.String()

    @ma.validates("limits")
    def _known_limits(self, value: Mapping[str, float], data_key: str) -> None:
        _known(value, LIMITS)

    @ma.validates("budgets")
    def _known_budgets(self, value: Mapping[str, int], data_key: str) -> None:
        _known(value, BUDGETS)

    @ma.post_load
    def _build(self, data: dict[str, Any], **kwargs: Any) -> HealthSettings:
        for key in ("allow_networks", "deny_networks", "target_fields", "probes", "rbl_lists"):
            if data.get(key) is not None:
                data[key] = tuple(data[key])
        for key in ("anchors", "nameservers"):
            if key in data:
                data[key] = tuple(parse_endpoint(text) for text in data[key])
        data["vault_keys"] = (*data.get("vault_keys", ()), *_keys_in_file(data.pop("vault_key_file", "")))
        data["limits"] = {**LIMITS, **data.get("limits", {})}
        data["budgets"] = {**BUDGETS, **data.get("budgets", {})}
        data["vantages"] = tuple(data.get("vantages", ()))
        data["vantage"] = data.get("vantage") or socket.gethostname()
        return HealthSettings(**data)


def _known(value: Mapping[str, float], allowed: Mapping[str, float]) -> None:
    unknown = sorted(set(value) - set(allowed))
    if unknown:
        raise ma.ValidationError(f"found {', '.join(unknown)}; allowed are {', '.join(allowed)}")


def _keys_in_file(name: str) -> list[str]:
    if not name:
        return []
    try:
        keys = [line.strip() for line in Path(name).read_text("ascii").splitlines() if line.strip()]
        Vault(keys)
    except OSError as error:
        raise ma.ValidationError(f"cannot be read: {error.strerror}", "vault_key_file") from None
    except ValueError:
        raise ma.ValidationError("must hold one key a line, as `deskside init` makes them", "vault_key_file") from None
    return keys
