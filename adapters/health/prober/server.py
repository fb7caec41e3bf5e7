"""The prober's HTTP face: `POST /look` for signed questions, `GET /healthz` for machines.

One process only: the memory of nonces and the budget live in it.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from adapters.health.prober import protocol
from adapters.health.prober.settings import ProberSettings
from deskside.errors import ConfigurationError, Malformed, NotAuthentic, Transient
from deskside.model.health import HealthReport
from deskside.model.service import Target

_MINUTE = 60.0

_log = logging.getLogger(__name__)


class Looker(Protocol):
    """The part of an examiner that a prober needs."""

    def examine_all(
        self,
        targets: Sequence[Target],
        *,
        fresh: bool = False,
        seconds: float | None = None,
        probes: Collection[str] | None = None,
    ) -> tuple[HealthReport, ...]:
        """One report a target, within `seconds`, by the probes named."""


class Budget:
    """At most `most` targets in any minute."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: deque[float] = deque()

    def take(self, count: int) -> None:
        """Spend `count`, or raise `Transient` with the seconds until as many are free again."""
        with self._lock:
            now = self._clock()
            while self._taken and self._taken[0] <= now - _MINUTE:
                self._taken.popleft()
            over = len(self._taken) + count - self._most
            if over > 0:
                last = self._taken[min(over, len(self._taken)) - 1] if self._taken else now
                raise Transient("the budget of this minute is spent", retry_after=last + _MINUTE - now)
            self._taken.extend([now] * count)


def create_app(settings: ProberSettings, looker: Looker, clock: Callable[[], float] = time.time) -> Flask:
    """The application. Raises ConfigurationError without a secret; `clock` gives seconds since 1970."""
    if not settings.secret:
        raise ConfigurationError("[prober] secret: a prober needs one, the same as in the asking side's vantages")
    app = Flask("deskside.prober")
    app.config["MAX_CONTENT_LENGTH"] = protocol.MOST_QUESTION_BYTES
    nonces, budget = protocol.Nonces(), Budget(settings.per_minute)

    @app.post("/look")
    def look() -> ResponseReturnValue:
        if request.content_length is None:
            # A body without a length has no cap.
            return jsonify(error="a question has a Content-Length"), 411
        body = request.get_data(cache=False)
        nonce = protocol.verify_question(settings.secret, dict(request.headers), body, clock(), nonces)
        question = protocol.read_question(body)
        budget.take(len(question.targets))
        _log.info("asked for %s", ", ".join(target.address or target.host or "" for target in question.targets))
        reports = looker.examine_all(question.targets, fresh=True, seconds=question.seconds, probes=question.probes)
        answer = protocol.encode_reports(reports)
        headers = {protocol.SIGNATURE: protocol.sign_answer(settings.secret, nonce, answer)}
        return Response(answer, mimetype="application/json", headers=headers)

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return jsonify(ok=True)

    @app.errorhandler(NotAuthentic)
    def not_authentic(error: NotAuthentic) -> ResponseReturnValue:
        _log.warning("a question was refused: %s", error)
        return jsonify(error="not authentic"), 401

    @app.errorhandler(Malformed)
    def malformed(error: Malformed) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @app.errorhandler(Transient)
    def spent(error: Transient) -> ResponseReturnValue:
        return jsonify(error=str(error)), 429, {"Retry-After": str(max(1, round(error.retry_after or 1)))}

    return app
