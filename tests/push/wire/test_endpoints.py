"""An endpoint is a stranger's word: only known push services, and of those only the front door."""

import pytest

from deskside.errors import Malformed, Transient
from deskside.guard import AddressGuard
from push.wire import endpoints
from push.wire.addresses import KEEP_SECONDS, Addresses
from push.wire.endpoints import Endpoint, check, shown
from tests.push.wire.conftest import settings_with

SETTINGS = settings_with(endpoints=["127.0.0.1:8443", "[::1]:9443"])
GOOGLE = check("https://fcm.googleapis.com/wp/abc", SETTINGS)


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc:def_-", "https://fcm.googleapis.com"),
        ("https://android.googleapis.com/gcm/send/x", "https://android.googleapis.com"),
        ("https://jmt17.google.com/fcm/send/x", "https://jmt17.google.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAA", "https://updates.push.services.mozilla.com"),
        ("https://wns2-by3p.notify.windows.com/w/?token=BQ%2bx", "https://wns2-by3p.notify.windows.com"),
        ("https://web.push.apple.com/Qx", "https://web.push.apple.com"),
        ("https://FCM.googleapis.com:443/wp/x", "https://fcm.googleapis.com"),
        ("https://127.0.0.1:8443/x", "https://127.0.0.1:8443"),
        ("https://[::1]:9443/x", "https://[::1]:9443"),
    ],
)
def test_the_push_services_there_are_and_those_the_operator_named(endpoint: str, origin: str) -> None:
    assert check(endpoint, SETTINGS).origin == origin


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("http://fcm.googleapis.com/x", "no https"),
        ("ftp://fcm.googleapis.com/x", "no https"),
        ("//fcm.googleapis.com/x", "no https"),
        ("", "no https"),
        ("https://evilpush.apple.com.evil.com/x", "no push service we know"),
        ("https://evilpush.apple.com/x", "no push service we know"),
        ("https://push.apple.com/x", "no push service we know"),
        ("https://web.push.apple.com.evil.com/x", "no push service we know"),
        ("https://evil.com/web.push.apple.com", "no push service we know"),
        ("https://fcm.googleapis.com.evil.com/x", "no push service we know"),
        ("https://fcm.googleapis.com@evil.com/x", "user name"),
        ("https://user:pass@fcm.googleapis.com/x", "user name"),
        ("https://fcm.googleapis.com:8443/x", "port 8443"),
        ("https://fcm.googleapis.com:22/x", "port 22"),
        ("https://fcm.googleapis.com:99999/x", "port"),
        ("https://169.254.169.254/latest/meta-data", "no push service we know"),
        ("https://127.0.0.1/x", "no push service we know"),
        ("https://127.0.0.1:8444/x", "port 8444"),
        ("https://[::1]/x", "no push service we know"),
        ("https://[::ffff:169.254.169.254]/x", "no push service we know"),
        ("https://2130706433/x", "no push service we know"),
        ("https://fcm.googleapis.com./x", "no address"),
        ("https://fcm.googleapis.com", "no address"),
        ("https://fcm.googleapis.com/x#y", "no address"),
        ("https://fcm.googleapis.com\\@evil.com/x", "no address"),
        ("https://evil.com\\.push.apple.com/x", "no address"),
        ("https://fcm.googleapis.com/x y", "characters"),
        ("https://fcm.googleapis.com/x\r\nHost: evil", "characters"),
        ("https://fcm.goog\u200bleapis.com/x", "characters"),
        ("https://ｆcm.googleapis.com/x", "characters"),
        ("https://fcm.googleapis.com/" + "x" * 2048, "longer than 2048"),
    ],
)
def test_anything_else_is_refused_naming_why_and_not_showing_it(endpoint: str, why: str) -> None:
    with pytest.raises(Malformed, match=why) as refused:
        check(endpoint, SETTINGS)
    assert "meta-data" not in str(refused.value) and "pass" not in str(refused.value)


def test_the_longest_endpoint_is_taken() -> None:
    endpoint = "https://fcm.googleapis.com/"
    assert check(endpoint + "x" * (endpoints.LONGEST - len(endpoint)), SETTINGS).port == 443


def test_only_a_host_and_a_hash_are_shown() -> None:
    line = shown("https://fcm.googleapis.com/fcm/send/canary?x=canary")
    assert line.startswith("fcm.googleapis.com#")
    assert "canary" not in line
    assert shown("https://canary:canary@evil.com/x").startswith("evil.com#")
    assert shown("https://fcm.googleapis.com/a") != shown("https://fcm.googleapis.com/b")


class Names:
    """A resolver whose answers change."""

    def __init__(self, *answers: list[str] | OSError) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str) -> list[str]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer


def test_a_name_is_asked_once_a_minute() -> None:
    names = Names(["142.250.1.1"])
    addresses = Addresses(AddressGuard(), names)
    for now in (0.0, KEEP_SECONDS - 1):
        assert addresses.of(GOOGLE, now) == ("142.250.1.1",)
    assert names.asked == 1
    addresses.of(GOOGLE, KEEP_SECONDS)
    assert names.asked == 2


def test_a_name_that_turns_to_an_inner_address_is_refused() -> None:
    addresses = Addresses(AddressGuard(), Names(["142.250.1.1"], ["127.0.0.1"]))
    addresses.of(GOOGLE, 0.0)
    with pytest.raises(Transient, match="loopback"):
        addresses.of(GOOGLE, KEEP_SECONDS)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1", "fd00::1", "64:ff9b::7f00:1", "0.0.0.0"])
def test_no_inner_address_of_a_known_name_is_connected_to(address: str) -> None:
    with pytest.raises(Transient, match="not connected to"):
        Addresses(AddressGuard(), Names([address])).of(GOOGLE, 0.0)
    mixed = Addresses(AddressGuard(), Names([address, "142.250.1.1"]))
    assert mixed.of(GOOGLE, 0.0) == ("142.250.1.1",)


def test_a_service_the_operator_named_may_be_anywhere() -> None:
    inner = check("https://127.0.0.1:8443/x", SETTINGS)
    assert Addresses(AddressGuard(), Names(["127.0.0.1"])).of(inner, 0.0) == ("127.0.0.1",)


def test_no_answer_is_remembered_for_a_minute_too() -> None:
    names = Names(OSError("no such name"))
    addresses = Addresses(AddressGuard(), names)
    for now, wait in ((0.0, KEEP_SECONDS), (20.0, KEEP_SECONDS - 20)):
        with pytest.raises(Transient) as refused:
            addresses.of(GOOGLE, now)
        assert refused.value.retry_after == wait
    assert names.asked == 1


def test_the_real_resolver_knows_this_machine() -> None:
    inner = Endpoint("https://localhost:1", "localhost", 1, exempt=True)
    assert "127.0.0.1" in Addresses(AddressGuard()).of(inner, 0.0)
