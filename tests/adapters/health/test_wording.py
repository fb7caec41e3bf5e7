"""The note: the verdict in one sentence, problems first, readable at 3 a.m., safe whatever a host sends."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health import words_en, words_ru
from adapters.health.authority import Authority, Referral, Zone
from adapters.health.connect import Attempt, State
from adapters.health.dns import judge_answers, resolution_failed
from adapters.health.errors import NoSuchName
from adapters.health.http import Exchange, judge_exchange
from adapters.health.http_message import Head
from adapters.health.icmp import judge_echoes
from adapters.health.language import clean
from adapters.health.pinger import Echoes
from adapters.health.survey import Survey
from adapters.health.tcp import judge_ports
from adapters.health.tls import judge_certificate
from adapters.health.verdict import judge
from adapters.health.wording import note_lines
from deskside.model.health import Finding, HealthReport, Sign, Word
from deskside.model.service import Target
from tests.adapters.health.test_tls import certificate

NOW = datetime(2026, 11, 22, 10, 45, 2, tzinfo=UTC)
HOST = "srv1.example"
TARGET = Target("srv1", HOST, "203.0.113.10", (22, 80, 443), "address 203.0.113.10 in the text")
PING_SILENT = judge_echoes(Echoes(4, 0, ()), 25)
PING_OK = judge_echoes(Echoes(4, 0, (11.8, 12.1, 12.0, 12.3)), 25)


def ports(**states: State) -> Finding:
    return judge_ports({int(port[1:]): Attempt(state, 3.0) for port, state in states.items()}, expected=True)


PORTS_SILENT = ports(p22=State.TIMEOUT, p80=State.TIMEOUT, p443=State.TIMEOUT)
PORTS_OK = ports(p22=State.OPEN, p80=State.OPEN, p443=State.OPEN)


def exchange(status: int | None, fault: str | None = None, seconds: float = 0.2, **fields: str) -> Finding:
    head = None if status is None else Head(status, fields)
    phases = {"connect": 10.0, "total": seconds * 1000}
    return judge_exchange(Exchange(443, True, True, phases, head, b"", fault), HOST, 3)


def report(*findings: Finding, at: Target = TARGET, address: str | None = "203.0.113.10") -> HealthReport:
    word, headline = judge(findings)
    return HealthReport(at, address, word, headline, findings, NOW, 3012.0, "FRA")


def test_a_dead_server_in_english() -> None:
    assert note_lines(report(PING_SILENT, PORTS_SILENT)) == (
        "DOWN: srv1.example (203.0.113.10): ports 22, 80, 443 time out, no answer to ping (0 of 4). "
        "Checked 10:45:02 UTC from FRA in 3.0 s.",
        "- Ports 22, 80, 443 time out",
        "- No answer to ping (0 of 4)",
        "Why this target: address 203.0.113.10 in the text.",
    )


def test_a_dead_server_in_russian() -> None:
    assert note_lines(report(PING_SILENT, PORTS_SILENT), language="ru") == (
        "НЕ РАБОТАЕТ: srv1.example (203.0.113.10): порты 22, 80, 443 не отвечают, нет ответа на ping (0 из 4). "
        "Проверено в 10:45:02 UTC из FRA за 3,0 с.",
        "- Порты 22, 80, 443 не отвечают",
        "- Нет ответа на ping (0 из 4)",
        "Почему проверялось именно это: адрес 203.0.113.10 в тексте.",
    )


def test_problems_stand_before_what_works() -> None:
    lines = note_lines(report(PING_OK, PORTS_OK, exchange(502)))
    assert lines[0].startswith("DEGRADED: srv1.example (203.0.113.10): https://srv1.example/ answers 502")
    assert lines[1] == "- https://srv1.example/ answers 502: the site fails while the server lives"
    assert lines[2:4] == ("- Ping answers (4 of 4, 12.1 ms)", "- Ports 22, 80, 443 are open")


def test_a_healthy_server_is_told_in_one_line() -> None:
    lines = note_lines(report(PING_OK, PORTS_OK, exchange(200)))
    assert lines[0].startswith(
        "OK: srv1.example (203.0.113.10): ping answers (4 of 4, 12.1 ms), ports 22, 80, 443 are open. Checked"
    )


def test_what_was_before_is_told_with_its_day_when_it_was_another() -> None:
    now, before = report(PING_SILENT, PORTS_SILENT), report(PING_OK, PORTS_OK)
    today = replace(before, checked_at=NOW - timedelta(minutes=14))
    assert note_lines(now, today)[1] == "Before that, at 10:31:02 UTC: OK."
    assert note_lines(now, today, "ru")[1] == "До этого, в 10:31:02 UTC: РАБОТАЕТ."
    yesterday = replace(before, checked_at=NOW - timedelta(days=1))
    assert note_lines(now, yesterday)[1] == "Before that, at 2026-11-21 10:45:02 UTC: OK."


def test_one_kind_of_silence_says_why_it_is_not_called_down() -> None:
    line = note_lines(report(PORTS_SILENT))[0]
    assert line.startswith("UNKNOWN: srv1.example (203.0.113.10): ports 22, 80, 443 time out; only one kind")


def test_a_forbidden_address_says_that_nothing_was_probed() -> None:
    details = {"code": "forbidden", "address": "10.0.0.1", "reason": "private (RFC 1918)"}
    finding = Finding("guard", "guard", Word.UNKNOWN, Sign.NOTHING, "nothing was probed", details)
    line = note_lines(report(finding, address=None))[0]
    assert line.startswith("UNKNOWN: srv1.example: nothing was probed: 10.0.0.1 is closed to probes (private")
    assert sum("closed to probes" in line for line in note_lines(report(finding, address=None))) == 1


def test_our_own_doubt_is_the_first_thing_said() -> None:
    finding = Finding("anchors", "anchors", Word.UNKNOWN, Sign.NOTHING, "x", {"code": "our_side"})
    it = replace(report(PING_SILENT, PORTS_SILENT, finding), word=Word.UNKNOWN)
    assert "our side? None of our anchors answers either" in note_lines(it)[0]
    assert "дело в нас?" in note_lines(it, language="ru")[0]


def test_every_fault_of_a_certificate_is_in_its_line() -> None:
    expired = certificate(timedelta(days=-3), timedelta(days=90))
    from tests.adapters.health.test_tls import NOW as THEN

    finding = judge_certificate(
        replace(expired, names=("other.example",)),
        HOST,
        version="TLSv1.1",
        chain=None,
        now=THEN,
        warn_days=21,
        port=443,
    )
    english, russian = (note_lines(report(PING_OK, finding), language=code)[1] for code in ("en", "ru"))
    assert english == (
        "- The certificate expired on 2026-11-19; the certificate is not for srv1.example (it is for other.example); "
        "the server speaks nothing newer than TLSv1.1"
    )
    assert "срок действия сертификата истёк 2026-11-19".capitalize() in russian


def test_dns_says_where_it_points_and_what_its_servers_do() -> None:
    zone = Zone("example", ("ns1.example", "ns2.example"))
    servers = (
        Authority("ns1.example", "192.0.2.1", True, True, "NOERROR", ("192.0.2.9",), 172_800, 1),
        Authority("ns2.example", "192.0.2.2", False),
    )
    referral = Referral("a.nic.example", True, "example", ("ns1.example", "ns3.example"))
    servers = (replace(servers[0], nameservers=("ns1.example",)), servers[1])
    survey = Survey(zone, referral, list(servers))
    finding = judge_answers(TARGET, ("192.0.2.9",), survey, long_ttl=86_400)
    line = next(line for line in note_lines(report(PING_OK, finding)) if line.startswith("- Name server"))
    assert line == (
        "- Name server ns2.example does not answer; the parent of example names other name servers than the zone "
        "itself (only there: ns3.example; only here: —); DNS points to 192.0.2.9, not to our 203.0.113.10 "
        "(a CDN, or moved); TTL is 172800 s, longer than a day: lower it before a move, a change of address takes "
        "that long"
    )
    missing = resolution_failed(HOST, NoSuchName("x"))
    assert note_lines(report(PING_OK, missing))[1] == "- DNS: the name srv1.example does not exist"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 день"),
        (2, "2 дня"),
        (5, "5 дней"),
        (11, "11 дней"),
        (12, "12 дней"),
        (21, "21 день"),
        (0, "меньше суток"),
    ],
)
def test_russian_days_have_their_three_forms(count: int, said: str) -> None:
    assert words_ru.days(count) == said


def test_both_languages_know_the_same_phrases_with_the_same_places() -> None:
    def places(template: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    assert set(words_en.PHRASES) == set(words_ru.PHRASES)
    for key, template in words_en.PHRASES.items():
        assert places(template) == places(words_ru.PHRASES[key]), key


def test_every_way_a_get_may_end_has_words_of_its_own() -> None:
    faults = [*State, "tls", "reset", "no_answer", "malformed"]
    endings = [exchange(None, str(fault)) for fault in faults if fault is not State.OPEN]
    endings += [exchange(status) for status in (200, 301, 404, 500)]
    endings += [exchange(200, "incomplete"), exchange(200, seconds=9), exchange(503, **{"cf-mitigated": "challenge"})]
    for finding in endings:
        for language in ("en", "ru"):
            lines = note_lines(report(PING_OK, finding), language=language)
            assert any(line.startswith("- https://srv1.example/") for line in lines), lines


def test_hosts_cannot_write_into_the_note() -> None:
    evil = "x\r\nOK: all is well\u202e\u2028\x1b[31m{word}" + "A" * 500
    cert = replace(certificate(timedelta(days=80), timedelta(days=90)), names=(evil,), issuer=evil)
    from tests.adapters.health.test_tls import NOW as THEN

    tls = judge_certificate(cert, HOST, version="TLSv1.3", chain=None, now=THEN, warn_days=21, port=443)
    location = exchange(301, location=f"https://evil.net{evil}/")
    lines = note_lines(report(PING_OK, tls, location))
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 320 for line in lines)


def test_a_foreign_probe_speaks_by_its_summary() -> None:
    finding = Finding("smtp", "smtp", Word.DOWN, Sign.ALIVE, "the mail server\nrefuses", {"code": "own"})
    assert "- Smtp: the mail server refuses" in note_lines(report(PING_OK, finding))


def test_the_first_line_stays_short_when_much_is_wrong_and_always_says_when_it_was_measured() -> None:
    failing = [exchange(502), PORTS_SILENT, judge_echoes(Echoes(4, 0, (5.0,)), 25)]
    first = note_lines(report(*failing))[0]
    assert "(and 1 more). Checked 10:45:02 UTC from FRA in 3.0 s." in first
    long = [Finding(f"p{n}", f"p{n}", Word.DOWN, Sign.ALIVE, "bad " * 90) for n in range(3)]
    assert note_lines(report(*long))[0].endswith("Checked 10:45:02 UTC from FRA in 3.0 s.")


def test_many_findings_stay_within_fourteen_lines() -> None:
    many = [Finding(f"p{n}", f"p{n}", Word.DEGRADED, Sign.ALIVE, "bad") for n in range(40)]
    lines = note_lines(report(*many), report(PING_OK))
    assert len(lines) == 14
    assert "And 30 more findings." in lines


def test_the_order_is_verdict_status_incident_problems_and_at_last_what_else_was_named() -> None:
    suspended = Finding("status", "status", Word.UNKNOWN, Sign.NOTHING, "x", {"code": "suspended", "service": "srv1"})
    since = {"id": 1, "title": "Power", "since": "2026-11-22T10:31:00+00:00", "today": True}
    known = Finding("incident", "incident", Word.UNKNOWN, Sign.NOTHING, "x", {"code": "open", "incidents": [since] * 2})
    unsaid = Finding("domain", "domain", Word.UNKNOWN, Sign.NOTHING, "x", {"code": "no_rdap", "quiet": True})
    it = report(unsaid, PING_OK, known, PORTS_SILENT, suspended)
    lines = note_lines(it, mentioned=["198.51.100.9", "evil.net\r\nOK: all is well", "c.example", "d.example"])
    assert [line[:24] for line in lines[:3]] == [
        "DEGRADED: srv1.example (",
        "The service srv1 is susp",
        "Known incident since 10:",
    ]
    assert lines[3:] == (
        "- Ports 22, 80, 443 time out",
        "- Ping answers (4 of 4, 12.1 ms)",
        "Also mentioned, not one of this client's services: 198.51.100.9, evil.net OK: all is well, c.example (+1).",
        "Why this target: address 203.0.113.10 in the text.",
    )
    assert "suspended" not in lines[0]


def test_the_other_services_have_a_line_each_and_the_note_stays_short() -> None:
    many = [Finding(f"p{n}", f"p{n}", Word.DEGRADED, Sign.ALIVE, "bad") for n in range(40)]
    paused = Finding("status", "status", Word.UNKNOWN, Sign.NOTHING, "x", {"code": "pending", "service": "srv2"})
    other = replace(report(PING_OK, PORTS_OK, paused), target=replace(TARGET, service="srv2", host=None))
    lines = note_lines(report(*many), report(PING_OK), others=[other, other], mentioned=["198.51.100.9"])
    assert len(lines) == 14
    assert lines[-1].startswith("OK: srv2 (203.0.113.10)")
    assert lines[-1].endswith("The service srv2 is not set up yet.")


def test_a_target_without_a_name_is_called_by_its_service() -> None:
    at = Target("srv-7", None, "203.0.113.10", (), "the client's only service")
    lines = note_lines(report(PING_OK, PORTS_OK, at=at), language="ru")
    assert lines[0].startswith("РАБОТАЕТ: srv-7 (203.0.113.10): ping проходит (4 из 4, 12,1 мс), порты")
    assert lines[-1].endswith("единственная услуга клиента.")


def test_an_unknown_language_reads_english() -> None:
    assert note_lines(report(PING_OK), language="xx") == note_lines(report(PING_OK))


@given(st.text(max_size=300))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = clean(text)
    assert line.isprintable()
    assert len(line) <= 120
    assert clean(line) == line


@given(
    st.lists(
        st.builds(
            Finding,
            st.sampled_from(["icmp", "tcp", "http", "tls", "dns", "guard", "examine", "own"]),
            st.sampled_from(["icmp", "tcp", "http", "own"]),
            st.sampled_from(Word),
            st.sampled_from(Sign),
            st.text(max_size=50),
            st.dictionaries(
                st.sampled_from(["code", "ports", "reasons", "names", "url", "host", "phases_ms", "sent", "rtt_ms"]),
                st.none() | st.integers() | st.text(max_size=9) | st.sampled_from(["fault", "problems", "deadline"]),
            ),
        ),
        max_size=20,
    ),
    st.sampled_from(["en", "ru"]),
)
def test_any_findings_become_a_note(findings: list[Finding], language: str) -> None:
    lines = note_lines(report(*findings), report(PING_OK), language)
    assert 2 <= len(lines) <= 14
    assert all(line.isprintable() and "\n" not in line for line in lines)
