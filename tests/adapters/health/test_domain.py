"""The registration: asked at most once a day, at a checked address, and unknown where nobody can say."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from adapters.health.domain import Absence, DomainProbe, judge_registration, read_answer, registrable
from adapters.health.rdap import Bootstrap, Registration
from adapters.health.rdap_client import RdapAnswer
from adapters.health.settings import LIMITS
from adapters.health.wording import note_lines
from deskside.guard import AddressGuard
from deskside.model.health import Finding, Sign, Word
from deskside.ports import Guard, Surroundings
from tests.adapters.health.looking import LOOPBACK, run, target
from tests.adapters.health.stand_ins import KnownNames
from tests.adapters.health.test_wording import PING_OK, report
from tests.doubles import certificates, servers

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "example.com"


def answer(expires: datetime | None = None, *statuses: str) -> bytes:
    events = [{"eventAction": "expiration", "eventDate": expires.isoformat()}] if expires else []
    return json.dumps({"objectClassName": "domain", "events": events, "status": statuses}).encode()


def far() -> bytes:
    return answer(datetime.now(UTC) + timedelta(days=300))


@contextmanager
def registry(content: bytes, seen: list[bytes] | None = None) -> Iterator[DomainProbe]:
    with servers.tcp_server(servers.answering(content, seen)) as port:
        yield asking(f"http://127.0.0.1:{port}/rdap/")


def asking(base: str, context: ssl.SSLContext | None = None) -> DomainProbe:
    known = Bootstrap("", {"com": (base,)})
    return DomainProbe(lambda: known) if context is None else DomainProbe(lambda: known, lambda: context)


def look(probe: DomainProbe, host: str = f"www.{DOMAIN}", guard: Guard = LOOPBACK, **limits: float) -> Finding:
    resolver = KnownNames({"rdap.example": ("127.0.0.1",), "evil.example": ("127.0.0.1", "10.0.0.1")})
    surroundings = Surroundings("127.0.0.1", (), guard, resolver, {**LIMITS, "rdap_seconds": 3.0, **limits})
    (finding,) = run(probe.look(target(host), surroundings))  # type: ignore[arg-type]
    assert isinstance(finding, Finding)
    return finding


def judged(expires: timedelta | None, *statuses: str) -> Finding:
    return judge_registration(DOMAIN, Registration(NOW + expires if expires else None, statuses), NOW, 30)


@pytest.mark.parametrize(
    ("days", "word", "within"),
    [
        (31, Word.OK, None),
        (29, Word.DEGRADED, 30),
        (13, Word.DEGRADED, 14),
        (6.5, Word.DEGRADED, 7),
        (-0.1, Word.DOWN, None),
    ],
)
def test_the_nearer_the_end_the_nearer_the_step(days: float, word: Word, within: int | None) -> None:
    finding = judged(timedelta(days=days))
    assert (finding.word, finding.sign, finding.details.get("within_days")) == (word, Sign.NOTHING, within)


@pytest.mark.parametrize(
    ("status", "word", "reason"),
    [
        ("clienthold", Word.DEGRADED, "hold"),
        ("serverhold", Word.DEGRADED, "hold"),
        ("redemptionperiod", Word.DOWN, "redemption"),
        ("pendingrestore", Word.DOWN, "redemption"),
        ("pendingdelete", Word.DOWN, "pending_delete"),
    ],
)
def test_a_domain_that_is_held_or_deleted_is_told(status: str, word: Word, reason: str) -> None:
    finding = judged(timedelta(days=300), "active", status)
    assert (finding.word, finding.details["reasons"]) == (word, [reason])
    for language in ("en", "ru"):
        assert any(DOMAIN in line for line in note_lines(report(PING_OK, finding), language=language)[1:])


def test_a_registry_that_tells_no_end_leaves_only_the_status() -> None:
    finding = judged(None, "active")
    assert (finding.word, finding.details["code"]) == (Word.OK, "registered")
    assert "- The domain example.com is registered" in note_lines(report(PING_OK, finding))


def test_the_days_left_are_in_the_note() -> None:
    finding = judged(timedelta(days=6, hours=1))
    assert "- The registration of example.com ends in 6 days (on 2026-11-28)" in note_lines(report(PING_OK, finding))
    assert "- Регистрация example.com заканчивается через 6 дней (2026-11-28)" in note_lines(
        report(PING_OK, finding), language="ru"
    )


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.example.com", "example.com"),
        ("example.co.uk", "example.co.uk"),
        ("www.xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("co.uk", None),
        ("user.github.io", None),
        ("srv1.local", None),
        ("localhost", None),
    ],
)
def test_the_registrable_domain_is_told_by_the_public_suffix_list(host: str, domain: str | None) -> None:
    assert registrable(host) == domain


def test_the_registry_is_asked_once_a_day_for_the_domain_and_not_for_each_host() -> None:
    seen: list[bytes] = []
    with registry(servers.page("200 X", far()), seen) as probe:
        for host in ("www.example.com", "mail.example.com", "example.com"):
            assert look(probe, host).word is Word.OK
        look(probe, rdap_kept_hours=24)
    assert len(seen) == 1
    assert seen[0].startswith(b"GET /rdap/domain/example.com HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Accept: application/rdap+json" in seen[0]


def test_what_is_kept_has_a_bound() -> None:
    seen: list[bytes] = []
    with registry(servers.page("200 X", far()), seen) as probe:
        for host in ("a.com", "b.com", "c.com", "c.com", "a.com"):
            look(probe, host, rdap_kept_names=2)
    assert len(seen) == 4


def test_no_more_questions_a_minute_than_permitted_and_what_was_not_asked_is_quiet() -> None:
    seen: list[bytes] = []
    with registry(servers.page("200 X", far()), seen) as probe:
        codes = [look(probe, f"d{n}.com", rdap_per_minute=2).details["code"] for n in range(3)]
        finding = look(probe, "d9.com", rdap_per_minute=2)
    assert codes == ["registered", "registered", "rate_limited"]
    assert len(seen) == 2
    assert finding.word is Word.UNKNOWN
    assert not any("d9.com" in line for line in note_lines(report(PING_OK, finding)))


def test_a_server_that_says_429_is_left_alone() -> None:
    seen: list[bytes] = []
    with registry(servers.page("429 X", b"{}", "Retry-After: 120"), seen) as probe:
        assert look(probe, "a.com").details["code"] == "rate_limited"
        assert look(probe, "b.com").details["code"] == "rate_limited"
    assert len(seen) == 1


def test_a_registry_without_rdap_is_unknown_and_not_told() -> None:
    finding = look(asking("https://nobody.example/"), "example.ru")
    assert (finding.word, finding.details["code"]) == (Word.UNKNOWN, "no_rdap")
    assert not any("example.ru" in line for line in note_lines(report(PING_OK, finding)))


def test_only_a_404_of_an_rdap_server_means_not_registered() -> None:
    own = RdapAnswer(404, {}, b'{"errorCode": 404, "rdapConformance": ["rdap_level_0"]}')
    assert read_answer(own) is Absence.NOT_REGISTERED
    assert read_answer(RdapAnswer(404, {}, b"<html>")) is Absence.FAILED
    assert read_answer(RdapAnswer(503, {}, b"")) is Absence.FAILED
    assert judge_registration(DOMAIN, Absence.NOT_REGISTERED, NOW, 30).word is Word.DOWN


@pytest.mark.parametrize(
    "content",
    [
        servers.page("200 X", b"<html>"),
        servers.page("200 X", b"x" * 100_000),
        servers.page("500 X", b""),
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    ],
)
def test_an_unusable_answer_is_unknown_and_not_asked_again_at_once(content: bytes) -> None:
    seen: list[bytes] = []
    with registry(content, seen) as probe:
        assert look(probe).details["code"] == "failed"
        assert look(probe).word is Word.UNKNOWN
    assert len(seen) == 1


def test_a_server_that_never_ends_is_cut_by_the_limit() -> None:
    with servers.tcp_server(servers.dripping) as port:
        assert look(asking(f"http://127.0.0.1:{port}"), rdap_seconds=0.3).details["code"] == "failed"


def redirect(location: str) -> bytes:
    return servers.page("302 X", b"", f"Location: {location}")


def test_one_redirect_is_followed_and_no_second() -> None:
    with servers.tcp_server(servers.answering(servers.page("200 X", far()))) as end:
        with registry(redirect(f"http://127.0.0.1:{end}/x")) as probe:
            assert look(probe).details["code"] == "registered"
        with (
            servers.tcp_server(servers.answering(redirect(f"http://127.0.0.1:{end}/x"))) as middle,
            registry(redirect(f"http://127.0.0.1:{middle}/x")) as probe,
        ):
            assert look(probe).details["code"] == "failed"


@pytest.mark.parametrize(
    "onward", ["https://127.0.0.1:{port}/", "http://10.0.0.1:{port}/", "http://evil.example:{port}/"]
)
def test_a_redirect_to_another_scheme_or_a_forbidden_address_is_refused(onward: str) -> None:
    seen: list[bytes] = []
    with (
        servers.tcp_server(servers.answering(servers.page("200 X", far()), seen)) as port,
        registry(redirect(onward.format(port=port))) as probe,
    ):
        assert look(probe).details["code"] == "failed"
    assert seen == []


def test_the_guard_is_asked_before_the_registry() -> None:
    seen: list[bytes] = []
    with registry(servers.page("200 X", far()), seen) as probe:
        assert look(probe, guard=AddressGuard()).details["code"] == "failed"
    assert seen == []


def test_http_is_spoken_to_loopback_alone() -> None:
    assert look(asking("http://192.0.2.1/"), guard=AddressGuard(allow=["192.0.2.0/24"])).details["code"] == "failed"


def test_the_registrys_certificate_is_verified_for_its_name() -> None:
    context = ssl.create_default_context(cadata=certificates.root().pem.decode())
    for name, code in (("rdap.example", "registered"), ("other.example", "failed")):
        issued = certificates.issue(name, issuer=certificates.root())
        handler = servers.answering(servers.page("200 X", far()))
        with servers.tcp_server(handler, tls=certificates.serving(issued)) as port:
            assert look(asking(f"https://rdap.example:{port}/", context)).details["code"] == code
