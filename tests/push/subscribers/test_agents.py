"""Browsers are told apart as far as a hint needs it."""

import pytest

from push.subscribers.agents import recognise

MOZILLA = "Mozilla/5.0 "


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        ("(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36", ("chrome", "windows")),
        ("(Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36 Edg/156.0", ("edge", "windows")),
        ("(Linux; Android 10; K) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36", ("chrome", "android")),
        ("(Linux; Android 14) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", ("samsung", "android")),
        ("(Android 14; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0", ("firefox", "android")),
        ("(X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", ("firefox", "linux")),
        ("(Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15", ("safari", "macos")),
        ("(iPhone; CPU iPhone OS 18_4 like Mac OS X) Version/18.4 Mobile/15E148 Safari/604.1", ("safari", "ios")),
        ("(Windows NT 10.0) Chrome/150.0.0.0 YaBrowser/26.1 Safari/537.36", ("yandex", "windows")),
        ("(Macintosh; Intel Mac OS X 10_15_7) Chrome/150.0 Safari/537.36 OPR/120.0", ("opera", "macos")),
        ("(X11; CrOS x86_64 14541.0.0) Chrome/156.0.0.0 Safari/537.36", ("chrome", "chromeos")),
        ("", ("other", "other")),
    ],
)
def test_who_it_is(agent: str, found: tuple[str, str]) -> None:
    assert recognise(MOZILLA + agent) == found
