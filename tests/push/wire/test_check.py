"""Whether push services answer, and whether our clock is theirs."""

import time
from email.utils import formatdate

import pytest

from push.wire import check
from tests.doubles.push_service import Answer, PushService, authority
from tests.push.wire.conftest import settings_with


def asked(service: PushService) -> tuple[bool, str]:
    settings = settings_with(endpoints=[service.name], ca_file=authority())
    (line,) = check.reach(settings, [f"https://{service.name}"])
    return line.ok, line.message


@pytest.mark.parametrize(
    ("minutes", "ok", "said"), [(0, True, "agrees"), (2, True, "agrees"), (-30, False, "fast"), (30, False, "slow")]
)
def test_a_clock_that_nobody_sets_is_found(service: PushService, minutes: int, ok: bool, said: str) -> None:
    service.otherwise = Answer(404, {"date": formatdate(time.time() + 60 * minutes, usegmt=True)})
    found, message = asked(service)
    assert found is ok
    assert said in message


def test_a_service_without_a_clock_answers_all_the_same(service: PushService) -> None:
    service.otherwise = Answer(404)
    assert asked(service) == (True, "answers")


def test_what_is_asked_is_no_message(service: PushService) -> None:
    service.otherwise = Answer(404)
    asked(service)
    (received,) = service.received
    assert received.path == "/deskside-check"
    assert "authorization" not in received.headers


def test_a_service_that_cannot_be_reached_is_named_with_a_cure(service: PushService) -> None:
    settings = settings_with(endpoints=[service.name])
    (line,) = check.reach(settings, [f"https://{service.name}"])
    assert not line.ok
    assert "certificate" in line.message and "443" in line.cure


def test_a_place_that_is_no_push_service_is_not_asked(service: PushService) -> None:
    (line,) = check.reach(settings_with(), [f"https://{service.name}"])
    assert not line.ok
    assert service.connections == 0
