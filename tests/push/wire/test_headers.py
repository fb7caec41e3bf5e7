"""The headers of a message, and what each service wants of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.wire.headers import headers, topic_of


def lines(host: str = "fcm.googleapis.com", ttl: int = 60, urgency: str = "normal", topic: str = "") -> dict[str, str]:
    made = headers(host, "vapid t=x, k=y", ttl, urgency, topic)
    return {name: value.strip() for name, _, value in (line.partition(":") for line in made)}


def test_what_every_message_says() -> None:
    said = lines(ttl=3600, urgency="high", topic="news")
    assert said["TTL"] == "3600"
    assert said["Urgency"] == "high"
    assert said["Topic"] == "news"
    assert said["Authorization"] == "vapid t=x, k=y"
    assert said["Content-Encoding"] == "aes128gcm"
    assert said["Content-Type"] == "application/octet-stream"
    assert "Topic" not in lines()


@pytest.mark.parametrize(("ttl", "said"), [(-1, "0"), (0, "0"), (60, "60"), (10**9, "2419200")])
def test_a_ttl_is_neither_negative_nor_longer_than_a_service_keeps(ttl: int, said: str) -> None:
    assert lines(ttl=ttl)["TTL"] == said


def test_microsoft_is_told_a_cache_policy_that_fits_the_ttl() -> None:
    assert lines("wns2-x.notify.windows.com")["X-WNS-Cache-Policy"] == "cache"
    assert lines("wns2-x.notify.windows.com", ttl=0)["X-WNS-Cache-Policy"] == "no-cache"
    assert "X-WNS-Cache-Policy" not in lines()


@given(st.text(min_size=1, max_size=80))
def test_every_text_becomes_a_topic_that_services_take(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,32}", topic_of(text))
    assert topic_of(text) == topic_of(text)


def test_a_topic_that_is_one_stays_and_two_long_ones_differ() -> None:
    assert topic_of("incident-7_a") == "incident-7_a"
    assert topic_of("x" * 33) != topic_of("x" * 34)


def test_no_topic_adds_a_header() -> None:
    assert all("\n" not in line and "\r" not in line for line in headers("h", "v", 1, "low", "a\r\nEvil: yes"))
