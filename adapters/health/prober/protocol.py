"""The question to a prober on another machine and its answer, both signed.

    POST /look
    Deskside-Timestamp: 1795342002           seconds since 1970, at most 60 away from the prober's clock
    Deskside-Nonce: 9f86d081884c7d659a2feaa0c55ad015      32 hex digits, accepted once
    Deskside-Signature: <hex>     HMAC-SHA256(secret, "question\n" timestamp "\n" nonce "\n" body)

    {"targets": [{"host": "srv1.example", "address": "192.0.2.7", "addresses": [], "ports": [22, 443]}],
     "probes": ["icmp", "tcp"], "seconds": 6.5}

The answer carries `Deskside-Signature` over "answer\n" nonce "\n" body, so it fits this one question only. Nothing else
of a ticket, a client or a service is ever sent, and only the probes named here are run elsewhere: none of them uses a
secret.
"""

import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import validate

from deskside.errors import Malformed, NotAuthentic, Transient
from deskside.model.health import Finding, HealthReport, Sign, Word
from deskside.model.service import Target

TIMESTAMP, NONCE, SIGNATURE = "Deskside-Timestamp", "Deskside-Nonce", "Deskside-Signature"
TOLERANCE_SECONDS = 60
MOST_QUESTION_BYTES = 16 * 1024
MOST_ANSWER_BYTES = 256 * 1024
MOST_TARGETS = 8
MOST_PORTS = 12
PROBES = ("icmp", "tcp", "http", "tls", "dns")
_MOST_FINDINGS = 50
_MOST_NONCES = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """What a prober is asked: which targets, by which probes, within how many seconds."""

    targets: tuple[Target, ...]
    probes: tuple[str, ...]
    seconds: float

    def encode(self) -> bytes:
        """The body. The service's name and the reason why it is looked at stay here."""
        targets = [
            {
                "host": target.host,
                "address": target.address,
                "addresses": list(target.addresses)[:16],
                "ports": list(target.ports)[:MOST_PORTS],
            }
            for target in self.targets
        ]
        return json.dumps({"targets": targets, "probes": list(self.probes), "seconds": self.seconds}).encode()


class Nonces:
    """The nonces of the last two minutes, for one process; a question is taken once."""

    def __init__(self, most: int = _MOST_NONCES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def take(self, nonce: str, until: float, now: float) -> None:
        """Remember `nonce` until its question is too old anyway; raise `NotAuthentic` when it was taken before.

        Raises `Transient` when no more can be remembered: forgetting one would let it be replayed.
        """
        with self._lock:
            if nonce in self._until:
                raise NotAuthentic("the question was asked before")
            if len(self._until) >= self._most:
                self._until = {known: end for known, end in self._until.items() if end >= now}
                if len(self._until) >= self._most:
                    raise Transient("too many questions", retry_after=TOLERANCE_SECONDS)
            self._until[nonce] = until


def question_headers(secret: str, body: bytes, now: float) -> dict[str, str]:
    """Fresh headers for `body`; `now` in seconds since 1970."""
    timestamp, nonce = str(int(now)), secrets.token_hex(16)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: _sign(secret, "question", timestamp, nonce, body)}


def verify_question(secret: str, headers: Mapping[str, str], body: bytes, now: float, nonces: Nonces) -> str:
    """The question's nonce. Raises `NotAuthentic` for a missing, wrong, old or replayed signature.

    A nonce is remembered only after the signature fits, so that strangers cannot fill the memory.
    """
    timestamp, nonce, given = (headers.get(name, "") for name in (TIMESTAMP, NONCE, SIGNATURE))
    well_formed = re.fullmatch(r"[0-9]{1,12}", timestamp) and re.fullmatch(r"[0-9a-f]{32}", nonce)
    expected = _sign(secret, "question", timestamp, nonce, body)
    if not hmac.compare_digest(expected.encode(), given.encode()) or not well_formed:
        raise NotAuthentic("the signature does not fit")
    asked_at = int(timestamp)
    if abs(now - asked_at) > TOLERANCE_SECONDS:
        raise NotAuthentic(f"the question is {now - asked_at:.0f} s old: the clocks must agree within a minute")
    nonces.take(nonce, asked_at + TOLERANCE_SECONDS, now)
    return nonce


def sign_answer(secret: str, nonce: str, body: bytes) -> str:
    """The signature of the answer to the question with this nonce."""
    return _sign(secret, "answer", nonce, body)


def verify_answer(secret: str, nonce: str, signature: str, body: bytes) -> None:
    """Raise `NotAuthentic` unless `body` is this prober's answer to the question with this nonce."""
    if not hmac.compare_digest(sign_answer(secret, nonce, body).encode(), signature.encode()):
        raise NotAuthentic("the answer's signature does not fit")


def _sign(secret: str, *parts: str | bytes) -> str:
    message = b"\n".join(part.encode() if isinstance(part, str) else part for part in parts)
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


class _TargetSchema(ma.Schema):
    host = ma.fields.String(allow_none=True, load_default=None, validate=validate.Length(1, 253))
    address = ma.fields.String(allow_none=True, load_default=None, validate=validate.Length(1, 45))
    addresses = ma.fields.List(
        ma.fields.String(validate=validate.Length(1, 45)), load_default=list, validate=validate.Length(max=16)
    )
    ports = ma.fields.List(
        ma.fields.Integer(strict=True, validate=validate.Range(1, 65_535)),
        load_default=list,
        validate=validate.Length(max=MOST_PORTS),
    )

    @ma.validates_schema
    def _somewhere(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("host") is None and data.get("address") is None:
            raise ma.ValidationError("needs a host or an address")


class _QuestionSchema(ma.Schema):
    targets = ma.fields.List(ma.fields.Nested(_TargetSchema), required=True, validate=validate.Length(max=MOST_TARGETS))
    probes = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(PROBES)), required=True, validate=validate.Length(1, len(PROBES))
    )
    seconds = ma.fields.Float(required=True, validate=validate.Range(0.1, 60))


class _FindingSchema(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    probe = ma.fields.String(required=True, validate=validate.Length(1, 40))
    kind = ma.fields.String(required=True, validate=validate.Length(1, 40))
    word = ma.fields.Enum(Word, by_value=True, required=True)
    sign = ma.fields.Enum(Sign, by_value=True, required=True)
    summary = ma.fields.String(required=True, validate=validate.Length(max=2_000))
    details = ma.fields.Dict(keys=ma.fields.String(), load_default=dict)
    took_ms = ma.fields.Float(load_default=0.0, validate=validate.Range(0))


class _ReportSchema(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    address = ma.fields.String(allow_none=True, required=True, validate=validate.Length(max=45))
    word = ma.fields.Enum(Word, by_value=True, required=True)
    headline = ma.fields.String(required=True, validate=validate.Length(max=8_000))
    findings = ma.fields.List(
        ma.fields.Nested(_FindingSchema), required=True, validate=validate.Length(max=_MOST_FINDINGS)
    )
    checked_at = ma.fields.AwareDateTime(required=True, default_timezone=UTC)
    took_ms = ma.fields.Float(required=True, validate=validate.Range(0))


_QUESTION, _REPORTS = _QuestionSchema(), _ReportSchema(many=True)


def read_question(body: bytes) -> Question:
    """The question in a verified body. Raises `Malformed` naming what cannot be used."""
    data = _load(_QUESTION, _object(body))
    targets = tuple(
        Target("", row["host"], row["address"], tuple(row["ports"]), "", tuple(row["addresses"]))
        for row in data["targets"]
    )
    return Question(targets, tuple(dict.fromkeys(data["probes"])), data["seconds"])


def encode_reports(reports: Sequence[HealthReport]) -> bytes:
    """The body of an answer: the reports in the order of the targets."""
    rows = [
        {
            "address": report.address,
            "word": report.word.value,
            "headline": report.headline[:8_000],
            "findings": [_finding(finding) for finding in report.findings[:_MOST_FINDINGS]],
            "checked_at": report.checked_at.isoformat(),
            "took_ms": round(report.took_ms, 1),
        }
        for report in reports
    ]
    return json.dumps({"reports": rows}).encode()


def read_reports(body: bytes, targets: Sequence[Target], vantage: str) -> tuple[HealthReport, ...]:
    """The reports in a verified answer, about `targets`. Raises `Malformed`."""
    rows = _load(_REPORTS, _object(body).get("reports"))
    if len(rows) != len(targets):
        raise Malformed(f"{len(rows)} reports for {len(targets)} targets")
    return tuple(_report(row, target, vantage) for row, target in zip(rows, targets, strict=True))


def _report(row: Mapping[str, Any], target: Target, vantage: str) -> HealthReport:
    findings = tuple(Finding(**finding) for finding in row["findings"])
    at: datetime = row["checked_at"]
    return HealthReport(
        target, row["address"], row["word"], row["headline"], findings, at.astimezone(UTC), row["took_ms"], vantage
    )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "probe": finding.probe,
        "kind": finding.kind,
        "word": finding.word.value,
        "sign": finding.sign.value,
        "summary": finding.summary[:2_000],
        "details": dict(finding.details),
        "took_ms": round(finding.took_ms, 1),
    }


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON") from None
    if not isinstance(data, dict):
        raise Malformed("the body is no JSON object")
    return data


def _load(schema: ma.Schema, data: Any) -> Any:
    try:
        return schema.load(data)
    except ma.ValidationError as error:
        raise Malformed(f"cannot be used: {error.messages}"[:500]) from None
