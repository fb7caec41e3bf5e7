"""TLS: every reason is told, not only the first; the chain is judged apart from the name and the dates."""

import datetime as dt
import ssl
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health import tls as module
from adapters.health.certificate import Certificate, expiry_step, faults, name_matches, read_certificate
from adapters.health.tls import TlsProbe, probe
from deskside.model.health import Finding, Sign, Word
from tests.adapters.health.looking import look, target
from tests.doubles.certificates import Issued, intermediate, issue, root, serving, trusting
from tests.doubles.servers import closed_port, full_backlog, resetting, silent, tcp_server

HOST = "srv1.example.com"
TRUSTING = TlsProbe(trusting)
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def seen(context: ssl.SSLContext, host: str = HOST) -> Finding:
        with tcp_server(silent, tls=context) as port:
            monkeypatch.setattr(module, "TLS_PORTS", (port,))
            return look(TRUSTING, target(host, ports=(port,)))

    return seen


def good(*names: str, **more: float) -> Issued:
    return issue(*names or (HOST,), issuer=intermediate(), **more)  # type: ignore[arg-type]


def test_a_good_certificate_is_ok(see) -> None:  # type: ignore[no-untyped-def]
    finding = see(serving(good(), intermediate()))
    assert (finding.word, finding.sign, finding.details["reasons"]) == (Word.OK, Sign.ALIVE, [])
    assert finding.details["days_left"] == 89
    assert finding.details["issuer"] == "Throw-away intermediate"


def test_a_missing_intermediate_is_told(see) -> None:  # type: ignore[no-untyped-def]
    finding = see(serving(good()))
    assert (finding.word, finding.details["reasons"]) == (Word.DOWN, ["incomplete_chain"])


def test_a_foreign_root_is_told(see) -> None:  # type: ignore[no-untyped-def]
    foreign = issue(authority=True, title="Foreign root")
    finding = see(serving(issue(HOST, issuer=foreign), foreign))
    assert finding.details["reasons"] == ["unknown_root"]


def test_a_self_signed_certificate_is_told_once(see) -> None:  # type: ignore[no-untyped-def]
    assert see(serving(issue(HOST))).details["reasons"] == ["self_signed"]


def test_expired_and_wrong_name_and_broken_chain_are_all_told(see) -> None:  # type: ignore[no-untyped-def]
    finding = see(serving(good("other.example.net", days=-3, age=30)))
    assert finding.details["reasons"] == ["expired", "wrong_name", "incomplete_chain"]
    assert finding.details["days_left"] == -4
    assert finding.details["names"] == ["other.example.net"]


def test_a_certificate_of_tomorrow_is_told(see) -> None:  # type: ignore[no-untyped-def]
    assert see(serving(good(age=-1), intermediate())).details["reasons"] == ["not_yet_valid"]


def test_a_certificate_without_any_name_is_for_nobody(see) -> None:  # type: ignore[no-untyped-def]
    finding = see(serving(issue(issuer=intermediate()), intermediate()))
    assert finding.details["reasons"] == ["wrong_name"]


@pytest.mark.parametrize(("days", "step"), [(20.5, 21), (13.5, 14), (6.5, 7)])
def test_a_certificate_that_ends_soon_is_degraded(see, days: float, step: int) -> None:  # type: ignore[no-untyped-def]
    finding = see(serving(good(days=days, age=70), intermediate()))
    assert (finding.word, finding.details["within_days"]) == (Word.DEGRADED, step)
    assert finding.details["reasons"] == ["expires_soon"]


def test_an_old_version_of_tls_is_told(see) -> None:  # type: ignore[no-untyped-def]
    context = serving(good(), intermediate())
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    finding = see(context)
    assert (finding.word, finding.details["reasons"]) == (Word.DEGRADED, ["old_version"])


def test_the_name_asked_for_is_in_sni(see) -> None:  # type: ignore[no-untyped-def]
    asked: list[str | None] = []
    context = serving(good(), intermediate())
    context.sni_callback = lambda _object, name, _context: asked.append(name)
    see(context)
    assert asked == [HOST, HOST]


def test_a_shut_port_says_nothing_about_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setattr(module, "TLS_PORTS", (port,))
    finding = look(probe, target(HOST, ports=(port,)))
    assert (finding.word, finding.sign, finding.details["code"]) == (Word.UNKNOWN, Sign.ALIVE, "shut")
    with full_backlog() as dead:
        monkeypatch.setattr(module, "TLS_PORTS", (dead,))
        finding = look(probe, target(HOST, ports=(dead,)), tcp_seconds=0.3)
    assert (finding.word, finding.sign) == (Word.UNKNOWN, Sign.SILENT)


@pytest.mark.parametrize(("handler", "code"), [(silent, "no_answer"), (resetting, "failed")])
def test_a_port_without_tls_is_alive_and_fails(monkeypatch: pytest.MonkeyPatch, handler, code: str) -> None:  # type: ignore[no-untyped-def]
    with tcp_server(handler) as port:
        monkeypatch.setattr(module, "TLS_PORTS", (port,))
        finding = look(probe, target(HOST, ports=(port,)), tls_seconds=0.5)
    assert (finding.word, finding.sign, finding.details["code"]) == (Word.DOWN, Sign.ALIVE, code)


def test_contexts_are_made_once() -> None:
    assert module._reading_context() is module._reading_context()
    assert module._verifying_context() is module._verifying_context()


def test_without_a_name_there_is_nothing_to_judge() -> None:
    assert not probe.applies(target(None, ports=(443,)))
    assert not probe.applies(target(HOST, ports=(22,)))
    assert probe.applies(target(HOST))
    assert probe.applies(target(HOST, ports=(22, 993)))


@pytest.mark.parametrize(
    ("pattern", "host", "matches"),
    [
        ("example.com", "example.com", True),
        ("EXAMPLE.com.", "example.com", True),
        ("example.com", "www.example.com", False),
        ("*.example.com", "www.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("w*.example.com", "www.example.com", False),
        ("*.com", "example.com", False),
        ("*", "example", False),
        ("*.*.com", "a.b.com", False),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai", True),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai", True),
        ("*.xn--e1afmkfd.xn--p1ai", "www.xn--e1afmkfd.xn--p1ai", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("*.0.0.1", "127.0.0.1", False),
        ("2001:db8:0::1", "2001:db8::1", True),
        ("", "example.com", False),
    ],
)
def test_names_match_as_rfc_9525_says(pattern: str, host: str, matches: bool) -> None:
    assert name_matches(pattern, host) is matches


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_texts_are_compared_without_an_error(pattern: str, host: str) -> None:
    assert name_matches(pattern, host) in (True, False)


def certificate(left: dt.timedelta, life: dt.timedelta) -> Certificate:
    return Certificate((HOST,), "CA", NOW + left - life, NOW + left, False, left.days)


def test_dates_are_compared_as_instants_not_as_days() -> None:
    assert faults(certificate(dt.timedelta(seconds=1), 90 * DAY), HOST, NOW) == ()
    assert faults(certificate(dt.timedelta(seconds=-1), 90 * DAY), HOST, NOW) == ("expired",)
    assert certificate(dt.timedelta(days=19, hours=23), 90 * DAY).days_left == 19


def test_a_short_lived_certificate_is_not_called_late_in_its_first_days() -> None:
    assert expiry_step(certificate(5 * DAY, 6 * DAY), NOW, 21) is None
    assert expiry_step(certificate(1 * DAY, 6 * DAY), NOW, 21) == 7
    assert expiry_step(certificate(20 * DAY, 47 * DAY), NOW, 21) is None
    assert expiry_step(certificate(20 * DAY, 90 * DAY), NOW, 21) == 21


@given(st.binary(max_size=200))
def test_any_bytes_are_a_certificate_or_refused(der: bytes) -> None:
    with pytest.raises(ValueError):
        read_certificate(der, NOW)


def test_a_real_certificate_reads_back() -> None:
    read = read_certificate(root().der, dt.datetime.now(dt.UTC))
    assert read.self_signed
    assert not read_certificate(intermediate().der, dt.datetime.now(dt.UTC)).self_signed
