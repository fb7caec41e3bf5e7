"""pywebpush and py-vapid say the same as we do, over our own guarded transport."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from deskside.errors import Malformed
from push.wire import second_opinion
from push.wire.answer import Verdict
from push.wire.fanout import Fanout, Parcel
from push.wire.vapid import Keys
from tests.doubles.push_service import Answer, PushService, authority
from tests.push.wire.browser import Browser
from tests.push.wire.conftest import settings_with
from tests.push.wire.test_vapid import claims


def test_both_say_the_same_to_the_same_browser(
    service: PushService, browser: Browser, fanout: Fanout, parcel: Callable[..., Parcel]
) -> None:
    settings = settings_with(endpoints=[service.name], ca_file=authority())
    given = parcel(1, "/push/a", body="Привет".encode(), topic="news")
    (ours,) = fanout.deliver([given])
    assert second_opinion.send(given, settings, Keys(settings)) == ours
    first, second = service.received
    assert browser.decrypt(first.body) == browser.decrypt(second.body) == "Привет".encode()
    said = [claims(item.headers["authorization"]) for item in (first, second)]
    assert [(item["aud"], item["sub"]) for item in said] == [(f"https://{service.name}", settings.subject)] * 2
    differing = {"authorization", "content-length"}
    assert {name: value for name, value in first.headers.items() if name not in differing} == {
        name: value for name, value in second.headers.items() if name not in differing
    }


def test_its_answers_are_judged_alike(service: PushService, parcel: Callable[..., Parcel]) -> None:
    settings = settings_with(endpoints=[service.name], ca_file=authority())
    service.otherwise = Answer(410)
    assert second_opinion.send(parcel(1, "/push/a"), settings, Keys(settings)).verdict is Verdict.GONE
    service.otherwise = Answer(then="close")
    assert second_opinion.send(parcel(1, "/push/a"), settings, Keys(settings)).verdict is Verdict.UNKNOWN


def test_it_goes_nowhere_ours_would_not(parcel: Callable[..., Parcel]) -> None:
    settings = settings_with()
    with pytest.raises(Malformed, match="no push service"):
        second_opinion.send(parcel(1, "https://evil.example/x"), settings, Keys(settings))


def test_without_a_subject_or_key_it_says_so(service: PushService, parcel: Callable[..., Parcel]) -> None:
    settings = settings_with(endpoints=[service.name])
    with pytest.raises(Malformed, match="not configured"):
        second_opinion.send(parcel(1, "/push/a", key_id="0" * 16), settings, Keys(settings))
    with pytest.raises(Malformed, match="py-vapid"):
        second_opinion.send(parcel(1, "/push/a"), replace(settings, subject=""), Keys(settings))
