"""A key, a browser that subscribed, and the loopback push service with a fan-out that may post to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from push.settings import PushSchema, PushSettings
from push.wire import vapid
from push.wire.fanout import Fanout, Parcel
from push.wire.transport import Transport
from push.wire.vapid import Keys
from tests.doubles.push_service import PushService, authority, push_service
from tests.push.wire.browser import Browser

KEY = vapid.generate()


def settings_with(**values: Any) -> PushSettings:
    """`[push]` with a key and a subject, and these values."""
    given = {"vapid_private_key": vapid.private_text(KEY), "subject": "mailto:push@example.com", **values}
    loaded: PushSettings = PushSchema().load(given)
    return loaded


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def fanout(service: PushService) -> Iterator[Fanout]:
    """Gives up after two seconds."""
    settings = settings_with(endpoints=[service.name], ca_file=authority())
    opened = Fanout(settings, Keys(settings), transport=Transport(total_seconds=2.0))
    yield opened
    opened.close()


@pytest.fixture
def parcel(service: PushService, browser: Browser) -> Callable[..., Parcel]:
    """A parcel for the browser, at a path of the service or at any endpoint."""

    def parcel(number: int, where: str, **values: Any) -> Parcel:
        endpoint = service.endpoint(where) if where.startswith("/") else where
        given = {"key_id": KEY.id, "body": b'{"web_push":8030}', "ttl": 60, **values}
        return Parcel(number, endpoint, browser.p256dh, browser.auth, **given)

    return parcel
