"""The signed question: it fits one body, one minute, one time; and it tells nothing about a client."""

import json

import pytest

from adapters.health.prober import protocol
from adapters.health.prober.protocol import NONCE, SIGNATURE, TIMESTAMP, Nonces, Question
from deskside.errors import Malformed, NotAuthentic, Transient
from deskside.model.health import Word
from deskside.model.service import Target
from tests.adapters.health.test_merge import DEAD

SECRET = "only-for-these-tests-0123456789abcdef"
NOW = 1_795_342_002.0
TARGET = Target("acme's shop", "shop.example", "192.0.2.7", (22, 443), "client field plan", ("192.0.2.7",))
BODY = Question((TARGET,), ("icmp", "tcp"), 6.5).encode()


def verify(headers: dict[str, str], body: bytes = BODY, now: float = NOW, nonces: Nonces | None = None) -> str:
    return protocol.verify_question(SECRET, headers, body, now, nonces or Nonces())


def test_a_fresh_question_is_taken_and_read_back() -> None:
    headers = protocol.question_headers(SECRET, BODY, NOW)
    assert verify(headers) == headers[NONCE]
    question = protocol.read_question(BODY)
    assert question.probes == ("icmp", "tcp")
    (target,) = question.targets
    assert (target.host, target.address, target.ports) == ("shop.example", "192.0.2.7", (22, 443))


def test_neither_the_service_nor_the_client_is_ever_sent() -> None:
    assert set(json.loads(BODY)["targets"][0]) == {"host", "address", "addresses", "ports"}
    assert b"acme" not in BODY
    assert b"plan" not in BODY


@pytest.mark.parametrize("age", [-61, 61, 3600])
def test_an_old_question_or_one_from_the_future_is_refused(age: float) -> None:
    headers = protocol.question_headers(SECRET, BODY, NOW)
    with pytest.raises(NotAuthentic, match="clocks"):
        verify(headers, now=NOW + age)


@pytest.mark.parametrize("age", [-59, 59])
def test_clocks_may_differ_by_less_than_a_minute(age: float) -> None:
    assert verify(protocol.question_headers(SECRET, BODY, NOW), now=NOW + age)


def test_a_question_is_taken_once_for_as_long_as_its_time_is_good() -> None:
    nonces = Nonces()
    headers = protocol.question_headers(SECRET, BODY, NOW + 50)
    verify(headers, nonces=nonces)
    for later in (NOW, NOW + 59, NOW + 109):
        with pytest.raises(NotAuthentic, match="before"):
            verify(headers, now=later, nonces=nonces)


def test_a_wrong_secret_body_nonce_or_time_does_not_fit() -> None:
    good = protocol.question_headers(SECRET, BODY, NOW)
    for headers, body in (
        (protocol.question_headers("x" * 32, BODY, NOW), BODY),
        (good, BODY + b" "),
        ({**good, NONCE: "0" * 32}, BODY),
        ({**good, TIMESTAMP: str(int(NOW) + 1)}, BODY),
        ({**good, SIGNATURE: ""}, BODY),
        ({**good, SIGNATURE: "é"}, BODY),
        ({}, BODY),
    ):
        with pytest.raises(NotAuthentic, match="fit"):
            verify(headers, body)


def test_a_stranger_cannot_fill_the_memory_and_a_full_one_forgets_nothing() -> None:
    nonces = Nonces(most=1)
    with pytest.raises(NotAuthentic):
        verify(protocol.question_headers("x" * 32, BODY, NOW), nonces=nonces)
    verify(protocol.question_headers(SECRET, BODY, NOW), nonces=nonces)
    with pytest.raises(Transient):
        verify(protocol.question_headers(SECRET, BODY, NOW), nonces=nonces)
    later = NOW + 61
    assert verify(protocol.question_headers(SECRET, BODY, later), now=later, nonces=nonces)


def test_an_answer_fits_its_question_only_and_is_no_question() -> None:
    answer = protocol.encode_reports([DEAD])
    nonce, other = "a" * 32, "b" * 32
    signature = protocol.sign_answer(SECRET, nonce, answer)
    protocol.verify_answer(SECRET, nonce, signature, answer)
    for wrong in ((other, signature, answer), (nonce, signature, answer + b" "), (nonce, "", answer)):
        with pytest.raises(NotAuthentic):
            protocol.verify_answer(SECRET, *wrong)
    headers = protocol.question_headers(SECRET, answer, NOW)
    with pytest.raises(NotAuthentic):
        protocol.verify_answer(SECRET, headers[NONCE], headers[SIGNATURE], answer)


def test_reports_come_back_as_they_were_sent() -> None:
    (back,) = protocol.read_reports(protocol.encode_reports([DEAD]), [TARGET], "FRA")
    assert (back.word, back.headline, back.vantage) == (Word.DOWN, DEAD.headline, "FRA")
    assert back.target is TARGET
    assert [finding.sign for finding in back.findings] == [finding.sign for finding in DEAD.findings]
    assert back.findings[1].details["ports"] == DEAD.findings[1].details["ports"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 20_000,
        json.dumps({"targets": [{}], "probes": ["tcp"], "seconds": 5}).encode(),
        json.dumps({"targets": [{"host": "a" * 300}], "probes": ["tcp"], "seconds": 5}).encode(),
        json.dumps({"targets": [{"host": "a", "ports": [0]}], "probes": ["tcp"], "seconds": 5}).encode(),
        json.dumps({"targets": [{"host": "a", "ports": list(range(1, 14))}], "probes": ["tcp"], "seconds": 5}).encode(),
        json.dumps({"targets": [{"host": "a"}] * 9, "probes": ["tcp"], "seconds": 5}).encode(),
        json.dumps({"targets": [{"host": "a"}], "probes": ["ssh"], "seconds": 5}).encode(),
        json.dumps({"targets": [{"host": "a"}], "probes": ["tcp"], "seconds": 600}).encode(),
        json.dumps({"targets": [{"host": "a", "password": "x"}], "probes": ["tcp"], "seconds": 5}).encode(),
    ],
)
def test_a_question_that_cannot_be_used_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        protocol.read_question(body)


@pytest.mark.parametrize("body", [b"{}", b'{"reports": []}', b'{"reports": [{"word": "dead"}]}', b'{"reports": 5}'])
def test_an_answer_that_cannot_be_used_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        protocol.read_reports(body, [TARGET], "FRA")
