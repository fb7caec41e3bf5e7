"""What the answer of a push service means for a message and its subscription (RFC 8030, 7.3 and 8.4).

Only 404 and 410 say that a subscription is dead. The other refusals are mostly our own fault, key or clock, and a
sender that deletes on those loses everybody at once.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

LONGEST_WAIT_SECONDS = 3600.0
_RETRY_NOW_SECONDS = 1.0
# As Apple, Google and Mozilla (autopush) say that the subscription was made with another key.
_MISMATCH = ("vapidpkhashmismatch", "do not correspond", "vapid public key mismatch")
_GOOGLE = frozenset({"fcm.googleapis.com", "android.googleapis.com", "jmt17.google.com"})


class Verdict(StrEnum):
    """What became of one message.

    UNKNOWN: it left us and no answer came. NOT_SENT: it certainly did not leave. The others are answers:
    GONE delete the subscription; MISMATCH it was made with another key, have the browser subscribe again; STOP our key,
    token or clock is refused, call a person; TOO_LARGE and INVALID never send this message again; LATER try again.
    """

    ACCEPTED = "accepted"
    GONE = "gone"
    MISMATCH = "mismatch"
    STOP = "stop"
    TOO_LARGE = "too_large"
    INVALID = "invalid"
    LATER = "later"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason, which holds nothing of the endpoint.

    `retry_after` is in seconds, None where the service did not say. With `strike` a subscription is GONE only when the
    next message says so too. `busy` is about the whole service, not this message.
    """

    verdict: Verdict
    reason: str = ""
    retry_after: float | None = None
    strike: bool = False
    busy: bool = False


def judge(status: int, headers: Mapping[str, str], body: bytes, host: str, now: float) -> Judgement:
    """What an answer means. `headers` have lower-case names; `now` is Unix seconds, for dates in Retry-After."""
    if 200 <= status < 300:
        return Judgement(Verdict.ACCEPTED)
    told = _told(headers, body)
    reason = f"{status} {told}".rstrip()
    if status in (404, 410):
        # Google has been seen to say 404 of living ones for a while (web-push-php issue 224).
        return Judgement(Verdict.GONE, reason, strike=status == 404 and host in _GOOGLE)
    words = body.decode(errors="replace").lower()
    if status in (400, 401, 403) and any(mark in words for mark in _MISMATCH):
        return Judgement(Verdict.MISMATCH, reason)
    if status in (401, 403) or (status == 400 and "unauthorizedregistration" in words):
        return Judgement(Verdict.STOP, reason)
    if status == 413:
        return Judgement(Verdict.TOO_LARGE, reason)
    # Microsoft says 406 when it throttles.
    throttled = status == 429 or (status == 406 and host.endswith(".notify.windows.com"))
    if throttled or status in (408, 425) or status >= 500:
        wait = retry_after(headers.get("retry-after", ""), now)
        if wait is None and status == 503 and _errno(body) == 202:
            # Mozilla: a server went away, another is there.
            wait = _RETRY_NOW_SECONDS
        return Judgement(Verdict.LATER, reason, wait, busy=throttled or status == 503)
    return Judgement(Verdict.INVALID, reason)


def retry_after(text: str, now: float) -> float | None:
    """Seconds to wait by a Retry-After header, a number or a date, at most an hour; None for no or a broken one."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        # Far longer numbers than a float can hold are allowed by the grammar.
        return min(float(text[:12]), LONGEST_WAIT_SECONDS)
    try:
        wait = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(math.ceil(wait), 0.0), LONGEST_WAIT_SECONDS)


def _told(headers: Mapping[str, str], body: bytes) -> str:
    """The service's own reason, as far as it may be shown: a page of HTML often quotes the endpoint."""
    told = [headers.get("x-wns-error-description", "")]
    answer = _json(body)
    told += [str(answer[name]) for name in ("reason", "errno", "message") if isinstance(answer.get(name), str | int)]
    if not answer and not body.lstrip().startswith(b"<"):
        told.append(body.decode(errors="replace"))
    words = re.findall(r"[!-~]+", " ".join(told))
    return " ".join(word for word in words if len(word) <= 30 and "/" not in word)[:160]


def _errno(body: bytes) -> Any:
    return _json(body).get("errno")


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
