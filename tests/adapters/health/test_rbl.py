"""Blocklists: believed only after their own test, and an error is never a listing. Against a list on loopback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from adapters.health.rbl import ZEN_CODES, ZEN_NORMAL, RblProbe, State, lists_of, query_name, read_codes
from adapters.health.resolver import StubResolver
from adapters.health.settings import LIMITS, Endpoint, HealthSchema, HealthSettings, RblList
from adapters.health.wording import note_lines
from deskside.model.health import Finding, Sign, Word
from deskside.ports import Surroundings
from tests.adapters.health.looking import LOOPBACK, run, target
from tests.adapters.health.test_wording import report
from tests.doubles.names import NameServer, name_server

ADDRESS = "198.41.0.4"
V6 = "2001:503:ba3e::2:30"
ZEN = RblList("ZEN", "zen.example", ZEN_CODES, ZEN_NORMAL)
SOUND = {"2.0.0.127.zen.example": "127.0.0.2"}


@contextmanager
def a_list(listed: Mapping[str, str]) -> Iterator[NameServer]:
    with name_server({(name, "A"): (60, tuple(codes.split())) for name, codes in listed.items()}) as server:
        yield server


def look(
    server: NameServer, probe: RblProbe | None = None, address: str = ADDRESS, seconds: float = 3
) -> tuple[Finding, ...]:
    resolver = StubResolver([Endpoint("127.0.0.1", server.port)], seconds)
    limits = {**LIMITS, "rbl_seconds": seconds}
    surroundings = Surroundings(address, (), LOOPBACK, resolver, limits)
    return tuple(run((probe or RblProbe([ZEN])).look(target(None, address), surroundings)))  # type: ignore[arg-type]


def state(finding: Finding) -> object:
    return finding.details["lists"][0]["state"]  # type: ignore[index]


def test_an_address_on_no_list_is_ok_and_says_nothing_about_the_host() -> None:
    with a_list(SOUND) as server:
        (finding,) = look(server)
    assert (finding.word, finding.sign, state(finding)) == (Word.OK, Sign.NOTHING, "clear")


@pytest.mark.parametrize(("code", "meaning"), [(code, ZEN_CODES[code]) for code in ZEN_CODES if code not in ZEN_NORMAL])
def test_every_real_code_is_a_listing_with_its_meaning(code: str, meaning: str) -> None:
    with a_list({**SOUND, "4.0.41.198.zen.example": code}) as server:
        (finding,) = look(server)
    assert (finding.word, state(finding)) == (Word.DEGRADED, "listed")
    assert finding.details["lists"][0]["meanings"] == [meaning]  # type: ignore[index]
    for language in ("en", "ru"):
        assert any(f"{meaning.upper()}: " in line for line in note_lines(report(finding), language=language))


@pytest.mark.parametrize("code", ZEN_NORMAL)
def test_an_end_users_range_is_normal(code: str) -> None:
    with a_list({**SOUND, "4.0.41.198.zen.example": code}) as server:
        (finding,) = look(server)
    assert (finding.word, state(finding)) == (Word.OK, "normal")
    assert "which is normal (PBL: sends no mail directly)" in " ".join(note_lines(report(finding)))


def test_a_real_code_beside_a_normal_one_is_a_listing() -> None:
    with a_list({**SOUND, "4.0.41.198.zen.example": "127.0.0.10 127.0.0.4"}) as server:
        assert look(server)[0].word is Word.DEGRADED


@pytest.mark.parametrize("code", ["127.255.255.252", "127.255.255.254", "127.255.255.255", "93.184.216.34"])
def test_an_error_or_a_strangers_answer_is_never_a_listing(code: str) -> None:
    with a_list({**SOUND, "4.0.41.198.zen.example": code}) as server:
        (finding,) = look(server)
    assert (finding.word, state(finding)) == (Word.UNKNOWN, "error")
    assert read_codes(ZEN, ["127.0.0.2", code]).state is State.ERROR


def test_a_list_that_lists_everything_fails_its_test_and_is_dropped_for_the_day() -> None:
    everything = {**SOUND, "1.0.0.127.zen.example": "127.0.0.2", "4.0.41.198.zen.example": "127.0.0.2"}
    probe = RblProbe([ZEN])
    with a_list(everything) as server:
        for _ in range(2):
            (finding,) = look(server, probe)
            assert (finding.word, state(finding)) == (Word.UNKNOWN, "dropped")
        names = [name for name, _ in server.asked]
    assert sorted(names) == ["1.0.0.127.zen.example", "2.0.0.127.zen.example"]


def test_a_list_that_lists_nothing_any_more_is_dropped_too() -> None:
    with a_list({"zen.example": "127.0.0.2"}) as server:
        assert state(look(server)[0]) == "dropped"


def test_a_list_that_passed_is_tested_once_a_day() -> None:
    probe = RblProbe([ZEN])
    with a_list(SOUND) as server:
        look(server, probe)
        look(server, probe)
        names = [name for name, _ in server.asked]
    assert names.count("2.0.0.127.zen.example") == 1
    assert names.count("4.0.41.198.zen.example") == 2


def test_a_mute_list_is_unknown_and_is_tested_again_at_the_next_look() -> None:
    probe = RblProbe([ZEN])
    with a_list(SOUND) as server:
        server.mute = True
        (finding,) = look(server, probe, seconds=0.3)
        assert (finding.word, state(finding)) == (Word.UNKNOWN, "timeout")
        server.mute = False
        assert look(server, probe)[0].word is Word.OK


def test_an_ipv6_address_is_asked_by_its_nibbles_after_a_test_of_its_own() -> None:
    test, listed = query_name(ZEN, "::ffff:7f00:2"), query_name(ZEN, V6)
    assert test.startswith("2.0.0.0.0.0.f.7.f.f.f.f.0.0.") and test.endswith(".0.zen.example")
    with a_list({**SOUND, test: "127.0.0.2", listed: "127.0.0.4"}) as server:
        assert look(server, address=V6)[0].word is Word.DEGRADED
    with a_list(SOUND) as server:
        assert state(look(server, address=V6)[0]) == "dropped"


@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.2", "fd00::7"])
def test_a_private_address_is_told_to_no_list(address: str) -> None:
    with a_list(SOUND) as server:
        assert look(server, address=address) == ()
        assert server.asked == []


def test_an_address_that_is_not_the_services_own_is_not_asked_about() -> None:
    surroundings = Surroundings(ADDRESS, (), LOOPBACK, None, LIMITS)
    at = target("srv1.example", None, addresses=("198.41.0.5",))
    assert run(RblProbe([ZEN]).look(at, surroundings)) == ()  # type: ignore[arg-type]


def test_the_key_goes_into_the_question_and_nowhere_else() -> None:
    settings = HealthSchema().load({"spamhaus_key": "canary7key"})
    (source,) = lists_of(settings)
    assert query_name(source, ADDRESS) == "4.0.41.198.canary7key.zen.dq.spamhaus.net"
    with a_list({}) as server:
        (finding,) = look(server, RblProbe([source]))
        server.mute = True
        (silent,) = look(server, RblProbe([source]), seconds=0.3)
    assert server.asked
    assert "canary7key" not in repr((settings, source, finding, silent)) + "".join(note_lines(report(finding, silent)))


def test_without_a_resolver_of_our_own_or_a_key_no_list_is_asked() -> None:
    assert lists_of(HealthSettings()) == ()
    assert not RblProbe(lists_of(HealthSettings())).applies(target())
    own = HealthSettings(nameservers=(Endpoint("192.0.2.53"),))
    assert [source.zone for source in lists_of(own)] == ["zen.spamhaus.org"]
    assert lists_of(HealthSettings(nameservers=(Endpoint("192.0.2.53"),), rbl_lists=())) == ()


def test_an_operator_names_lists_with_the_meaning_of_their_codes() -> None:
    entry = {"name": "Own", "zone": "bl.example.net", "codes": {"127.0.0.2": "our own list"}, "normal": ["127.0.0.9"]}
    (source,) = lists_of(HealthSchema().load({"rbl_lists": [entry]}))
    assert source == RblList("Own", "bl.example.net", {"127.0.0.2": "our own list"}, ("127.0.0.9",))
    assert read_codes(source, ["127.0.0.9"]).state is State.NORMAL
    # A code without a meaning is still a listing, told as it is.
    assert read_codes(source, ["127.0.0.77"]).state is State.LISTED


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x"},
        {"name": "x", "zone": "no zone"},
        {"name": "x", "zone": "a.b", "codes": {"10.0.0.1": "y"}},
        {"name": "x", "zone": "a.b", "normal": ["2"]},
    ],
)
def test_a_list_that_cannot_be_asked_is_refused(entry: dict[str, object]) -> None:
    assert "rbl_lists" in HealthSchema().validate({"rbl_lists": [entry]})
