"""The payload: one JSON object for browsers with and without a service worker, never too large, counted in bytes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskside.errors import Permanent
from push.model import Button, Notification
from push.wire import encrypt
from push.wire.payload import ELLIPSIS, build, cut

FULL = Notification(
    token="tok-1",
    tag="incident-7",
    title="Maintenance tonight",
    body="From 22:00 to 23:00 UTC.",
    url="https://portal.example/news/7",
    language="en",
    icon="https://portal.example/icon.png",
    image="https://portal.example/image.png",
    badge="https://portal.example/badge.png",
    buttons=(Button("Read", "https://portal.example/read"), Button("Mute", "https://portal.example/mute")),
)
FAMILY = "👨‍👩‍👧‍👦"
FLAGS = "🇩🇪🇯🇵🇺🇦"


def shown(payload: bytes) -> dict[str, Any]:
    """The notification of a payload that a declarative browser takes (webkit.org/blog/16535)."""
    message: dict[str, Any] = json.loads(payload)
    assert message["web_push"] == 8030
    assert isinstance(message["mutable"], bool)
    notification: dict[str, Any] = message["notification"]
    assert notification["title"]
    assert notification["navigate"].startswith("https://")
    for action in notification.get("actions", []):
        assert action["action"] and action["title"] and action["navigate"].startswith("https://")
    assert all(isinstance(notification.get(name, ""), str) for name in ("body", "lang", "tag", "icon", "image"))
    return notification


def test_everything_is_said() -> None:
    assert shown(build(FULL, encrypt.MOST)) == {
        "title": "Maintenance tonight",
        "navigate": "https://portal.example/news/7",
        "body": "From 22:00 to 23:00 UTC.",
        "lang": "en",
        "tag": "incident-7",
        "icon": "https://portal.example/icon.png",
        "image": "https://portal.example/image.png",
        "badge": "https://portal.example/badge.png",
        "actions": [
            {"action": "button-1", "title": "Read", "navigate": "https://portal.example/read"},
            {"action": "button-2", "title": "Mute", "navigate": "https://portal.example/mute"},
        ],
        "data": {"token": "tok-1", "url": "https://portal.example/news/7"},
    }


def test_what_is_not_there_is_left_out() -> None:
    bare = Notification("t", "", "Title", "", "https://portal.example/")
    assert set(shown(build(bare, encrypt.MOST))) == {"title", "navigate", "body", "data"}


def test_the_links_of_actions_keep_the_declarative_form_valid_when_all_else_is_dropped() -> None:
    lost = [{"image"}, {"icon", "badge"}, {"actions"}]
    whole = shown(build(FULL, encrypt.MOST))
    most = len(build(FULL, encrypt.MOST))
    for parts in lost:
        whole = {name: value for name, value in whole.items() if name not in parts}
        payload = build(FULL, most - 1)
        assert shown(payload) == whole
        most = len(payload)


@pytest.mark.parametrize(
    "letter", ["a", "ё", "猫", "🚀", '"', "\n"], ids=["ascii", "cyrillic", "kanji", "emoji", "quote", "line"]
)
@pytest.mark.parametrize("most", [encrypt.MOST, encrypt.MOST_ANDROID_FIREFOX])
def test_a_long_text_is_cut_in_bytes_not_in_characters(letter: str, most: int) -> None:
    payload = build(replace(FULL, body=letter * 5000), most)
    body = shown(payload)["body"]
    assert most - 12 < len(payload) <= most or letter.isspace()
    assert body.endswith(ELLIPSIS)
    assert set(body) <= {letter, ELLIPSIS}


@given(st.text(max_size=3000), st.integers(600, encrypt.MOST))
@example(FAMILY * 300, 1000)
@example(FLAGS * 300, 1001)
@example("e\u0301" * 2000, 1002)
@example("\ud800" * 2000, 1003)
def test_no_text_makes_it_too_large_or_unreadable(body: str, most: int) -> None:
    payload = build(replace(FULL, body=body), most)
    assert len(payload) <= most
    kept = shown(payload)["body"]
    readable = body.encode(errors="replace").decode()
    assert kept == readable or (kept.endswith(ELLIPSIS) and readable.startswith(kept[: -len(ELLIPSIS)]))


@pytest.mark.parametrize(
    ("text", "length", "kept"),
    [
        (FAMILY + "x", 3, ""),
        ("ab" + FAMILY, 4, "ab"),
        (FLAGS, 1, ""),
        (FLAGS, 3, "🇩🇪"),
        (FLAGS, 4, "🇩🇪🇯🇵"),
        ("👍🏽👍🏽", 3, "👍🏽"),
        ("👍🏽👍🏽", 1, ""),
        ("ae\u0301b", 2, "a"),
        ("one two", 4, "one"),
        ("❤️x", 1, ""),
    ],
)
def test_what_is_read_as_one_character_is_not_torn(text: str, length: int, kept: str) -> None:
    assert cut(text, length) == kept + ELLIPSIS


def test_a_text_that_fits_is_not_touched() -> None:
    assert cut("abc", 3) == "abc"


def test_what_is_too_large_without_its_text_is_refused() -> None:
    with pytest.raises(Permanent, match="larger than 2700 bytes"):
        build(replace(FULL, title="🚀" * 1000), encrypt.MOST_ANDROID_FIREFOX)


@pytest.mark.parametrize("url", ["", "/news", "javascript:alert(1)", "https://", "data:text/html,x", "https://[bad"])
def test_a_link_that_browsers_do_not_take_is_refused(url: str) -> None:
    for broken in (replace(FULL, url=url), replace(FULL, buttons=(Button("Read", url),))):
        with pytest.raises(Permanent, match="links"):
            build(broken, encrypt.MOST)


def test_a_notification_without_a_title_is_refused() -> None:
    with pytest.raises(Permanent, match="title"):
        build(replace(FULL, title=" "), encrypt.MOST)
