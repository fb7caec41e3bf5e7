"""Asking other vantages: the real way over HTTP, good and bad probers, and the deadline over all of it."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, Response, redirect

from adapters.health.examiner import Examiner
from adapters.health.prober import protocol
from adapters.health.prober.client import Vantages
from adapters.health.settings import HealthSettings, Vantage
from adapters.health.verdict import Look
from deskside.errors import ConfigurationError
from deskside.model.health import HealthReport, Sign, Word
from deskside.settings import load
from tests.adapters.health.looking import target
from tests.adapters.health.prober.probers import SECRET, prober, real_prober, serving
from tests.adapters.health.stand_ins import Gate, StandIn, saw, silent
from tests.doubles import servers
from tests.doubles.certificates import issue
from tests.doubles.certificates import serving as tls_serving

ALIVE = saw("tcp", Word.OK, Sign.ALIVE)


def dead() -> list[StandIn]:
    return [StandIn("icmp", silent("icmp")), StandIn("tcp", silent("tcp"))]


def living() -> list[StandIn]:
    return [StandIn("icmp", saw("icmp", Word.OK, Sign.ALIVE)), StandIn("tcp", ALIVE)]


@contextlib.contextmanager
def asking(*vantages: Vantage, probes: list[StandIn] | None = None, **health: object) -> Iterator[Examiner]:
    others = Vantages(vantages, ["icmp", "tcp"])
    settings = HealthSettings(**{"allow_networks": ("127.0.0.0/8",), "share_seconds": 0, **health})  # type: ignore[arg-type]
    examiner = Examiner(settings, dead() if probes is None else probes, others=others)
    try:
        yield examiner
    finally:
        examiner.close()
        others.close()


def reason(report: HealthReport, vantage: str) -> object:
    (found,) = [f for f in report.findings if f.probe == "vantage" and f.details["vantage"] == vantage]
    return found.details.get("reason", found.details["code"])


def test_down_from_here_and_up_from_one_of_two_is_degraded() -> None:
    with prober("FRA", living()) as fra, prober("NYC", dead()) as nyc, asking(fra, nyc) as examiner:
        report = examiner.examine(target())
    assert (report.word, report.headline) == (Word.DEGRADED, "down from here, up from FRA")
    assert [finding.details.get("vantage") for finding in report.findings if finding.sign is Sign.ALIVE] == ["FRA"] * 2


def test_down_from_everywhere_is_down() -> None:
    with prober("FRA", dead()) as fra, prober("NYC", dead()) as nyc, asking(fra, nyc) as examiner:
        report = examiner.examine(target())
    assert report.word is Word.DOWN
    assert "down from FRA, NYC too" in report.headline


def test_a_living_target_is_looked_at_from_nowhere_else() -> None:
    probes = dead()
    with (
        prober("FRA", probes) as fra,
        asking(fra, probes=[StandIn("icmp", silent("icmp")), StandIn("tcp", ALIVE)]) as it,
    ):
        assert it.examine(target()).word is Word.OK
    assert [probe.looks for probe in probes] == [[], []]


def test_others_are_asked_while_our_own_probes_still_run() -> None:
    gate = Gate()
    slow = StandIn("http", saw("http", Word.UNKNOWN, Sign.NOTHING), gate)
    there = living()
    with prober("FRA", there) as fra, asking(fra, probes=[*dead(), slow]) as examiner:
        flight = threading.Thread(target=examiner.examine, args=(target(),))
        flight.start()
        while not there[1].looks:
            assert flight.is_alive()
            flight.join(0.01)
        assert not gate.opened.is_set()
        gate.opened.set()
        flight.join(20)
        assert not flight.is_alive()


def test_two_real_probers_see_a_living_port_that_is_silent_from_here(tmp_path: Path) -> None:
    """One may look at loopback, the other's guard forbids it: that one says so, and it never makes anything down."""
    allowed = {"DESKSIDE_HEALTH__ALLOW_NETWORKS": "127.0.0.0/8", "DESKSIDE_HEALTH__PROBES": "tcp"}
    with (
        servers.tcp_server(servers.silent) as port,
        real_prober("FRA", tmp_path / "fra", **allowed) as fra,
        real_prober("NYC", tmp_path / "nyc") as nyc,
        asking(fra, nyc, deadline_seconds=20.0) as examiner,
    ):
        report = examiner.examine(target(ports=(port,)))
        assert (report.word, report.headline) == (Word.DEGRADED, "down from here, up from FRA")
        codes = {f.details["code"] for f in report.findings if f.details.get("vantage") == "NYC"}
        assert codes == {"looked", "forbidden"}
        assert Vantages([fra, nyc], ["tcp"]).check()[1].ok
        assert not list((tmp_path / "fra").glob("*.db"))


def test_another_secret_is_refused_and_the_dead_host_stays_down() -> None:
    with prober("FRA", living(), secret="another-" * 5) as fra, asking(fra) as examiner:
        report = examiner.examine(target())
        (line,) = Vantages([fra], ["tcp"]).check()
    assert (report.word, reason(report, "FRA")) == (Word.DOWN, "refused")
    assert not line.ok
    assert "secret" in line.cure


def test_another_time_of_day_is_refused() -> None:
    with prober("FRA", living(), clock=lambda: time.time() + 3600) as fra, asking(fra) as examiner:
        report = examiner.examine(target())
    assert (report.word, reason(report, "FRA")) == (Word.DOWN, "refused")


def test_a_question_that_was_overheard_cannot_be_asked_again() -> None:
    probes = living()
    with prober("FRA", probes) as fra:
        body = protocol.Question((target(),), ("tcp",), 5).encode()
        headers = protocol.question_headers(SECRET, body, time.time())
        answers = [requests.post(f"{fra.url}/look", data=body, headers=headers, timeout=20) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert len(probes[1].looks) == 1
    assert answers[1].json() == {"error": "not authentic"}


def test_only_the_probes_that_were_asked_for_run_and_never_longer_than_asked() -> None:
    probes = living()
    with prober("FRA", probes) as fra:
        body = protocol.Question((target(),), ("tcp",), 5).encode()
        headers = protocol.question_headers(SECRET, body, time.time())
        answer = requests.post(f"{fra.url}/look", data=body, headers=headers, timeout=20)
    assert probes[0].looks == []
    (report,) = protocol.read_reports(answer.content, [target()], "FRA")
    assert [finding.probe for finding in report.findings] == ["tcp"]


def test_the_real_prober_speaks_tls_and_takes_no_oversized_question_whatever_its_headers_say(tmp_path: Path) -> None:
    issued = issue("127.0.0.1")
    certificate, key = tmp_path / "prober.pem", tmp_path / "prober.key"
    certificate.write_bytes(issued.pem)
    key.write_bytes(issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    own = {"DESKSIDE_PROBER__CERTIFICATE": str(certificate), "DESKSIDE_PROBER__KEY": str(key)}
    big = b"x" * (protocol.MOST_QUESTION_BYTES + 1)
    with real_prober("FRA", tmp_path / "fra", certificate, **own) as fra:
        (line,) = Vantages([fra], ["tcp"]).check()
        sizes = [
            requests.post(f"{fra.url}/look", data=data, verify=str(certificate), timeout=20).status_code
            for data in (big, iter([big[:9000], big[9000:]]))
        ]
        forgotten = requests.get(f"{fra.url}/look", verify=str(certificate), timeout=20).status_code
    assert line.ok, line
    assert sizes == [413, 411]
    assert forgotten == 405


def test_malformed_but_signed_is_400_and_names_what_is_wrong() -> None:
    body = json.dumps({"targets": [{"host": "a"}], "probes": ["ssh"], "seconds": 5}).encode()
    with prober("FRA", living()) as fra:
        headers = protocol.question_headers(SECRET, body, time.time())
        answer = requests.post(f"{fra.url}/look", data=body, headers=headers, timeout=20)
    assert answer.status_code == 400
    assert "probes" in answer.json()["error"]


def test_over_the_budget_of_a_minute_it_says_when_to_come_again() -> None:
    probes = living()
    with prober("FRA", probes, per_minute=2) as fra, asking(fra) as examiner:
        reports = [examiner.examine(target(address=f"127.0.0.{n}")) for n in (1, 2, 3)]
        body = protocol.Question((target(),), ("tcp",), 5).encode()
        headers = protocol.question_headers(SECRET, body, time.time())
        answer = requests.post(f"{fra.url}/look", data=body, headers=headers, timeout=20)
    assert [reason(report, "FRA") for report in reports] == ["looked", "looked", "busy"]
    assert len(probes[1].looks) == 2
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_prober_keeps_to_its_own_guard() -> None:
    probes = living()
    with prober("FRA", probes, deny_networks=("127.0.0.0/8",)) as fra, asking(fra) as examiner:
        report = examiner.examine(target())
    assert report.word is Word.DOWN
    assert probes[1].looks == []


@contextlib.contextmanager
def impostor(handler: object) -> Iterator[Vantage]:
    app = Flask("impostor")
    app.add_url_rule("/look", view_func=handler, methods=["POST"])  # type: ignore[arg-type]
    with serving(app) as url:
        yield Vantage("FRA", url, SECRET)


def test_an_answer_that_is_unsigned_replayed_huge_or_a_redirect_is_not_used() -> None:
    old = {"body": b"", "signature": ""}
    there = living()

    def unsigned() -> Response:
        return Response(b'{"reports": []}')

    def huge() -> Response:
        return Response((b"x" * 65_536 for _ in range(100)), mimetype="application/json")

    def replayed() -> Response:
        return Response(old["body"], headers={protocol.SIGNATURE: str(old["signature"])})

    with prober("FRA", there) as fra:
        body = protocol.Question((target(),), ("tcp",), 5).encode()
        headers = protocol.question_headers(SECRET, body, time.time())
        good = requests.post(f"{fra.url}/look", data=body, headers=headers, timeout=20)
        old.update(body=good.content, signature=good.headers[protocol.SIGNATURE])
        count = len(there[1].looks)
        for handler in (unsigned, huge, replayed, lambda: redirect(f"{fra.url}/look", 307)):
            with impostor(handler) as vantage, asking(vantage) as examiner:
                report = examiner.examine(target())
            assert (report.word, reason(report, "FRA")) == (Word.DOWN, "bad_answer")
        assert len(there[1].looks) == count


@pytest.mark.timeout(60)
@pytest.mark.parametrize("handler", [servers.silent, servers.hanging, servers.dripping, servers.endless_head])
def test_a_slow_vantage_cannot_hold_the_deadline(handler: servers.Handler) -> None:
    with servers.tcp_server(handler) as port:
        vantage = Vantage("FRA", f"http://127.0.0.1:{port}", SECRET)
        with asking(vantage, deadline_seconds=1.5) as examiner:
            report = examiner.examine(target())
    # What it would take without the deadline is for ever.
    assert report.took_ms < 10_000
    assert report.word is Word.DOWN
    assert reason(report, "FRA") in ("timeout", "unreachable", "bad_answer")


def test_one_slow_vantage_does_not_keep_the_other_from_being_heard() -> None:
    with servers.tcp_server(servers.silent) as port, prober("NYC", living()) as nyc:
        mute = Vantage("FRA", f"http://127.0.0.1:{port}", SECRET)
        with asking(mute, nyc, deadline_seconds=2.0) as examiner:
            report = examiner.examine(target())
    assert (report.word, report.headline) == (Word.DEGRADED, "down from here, up from NYC")
    assert reason(report, "FRA") == "timeout"


def test_a_vantage_that_is_not_there_is_named() -> None:
    vantage = Vantage("FRA", f"http://127.0.0.1:{servers.closed_port()}", SECRET)
    with asking(vantage) as examiner:
        report = examiner.examine(target())
    assert (report.word, reason(report, "FRA")) == (Word.DOWN, "unreachable")


def test_a_certificate_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    issued = issue("127.0.0.1")
    with servers.tcp_server(servers.silent, tls=tls_serving(issued)) as port:
        vantage = Vantage("FRA", f"https://127.0.0.1:{port}", SECRET)
        with asking(vantage) as examiner:
            assert reason(examiner.examine(target()), "FRA") == "untrusted"
        (tmp_path / "own.pem").write_bytes(issued.pem)
        known = replace(vantage, ca_file=str(tmp_path / "own.pem"))
        with asking(known, deadline_seconds=1.5) as examiner:
            assert reason(examiner.examine(target()), "FRA") == "timeout"


def test_proxies_of_the_environment_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{servers.closed_port()}")
    with prober("FRA", living()) as fra, asking(fra) as examiner:
        assert examiner.examine(target()).word is Word.DEGRADED


def test_without_time_nobody_is_asked() -> None:
    others = Vantages([Vantage("FRA", "http://127.0.0.1:1", SECRET)], ["tcp"])
    assert asyncio.run(others.ask(target(), 0.1)) == (Look("FRA", None, "no_time"),)


def test_the_secret_is_in_no_text_of_ours() -> None:
    vantage = Vantage("FRA", "http://127.0.0.1:1", SECRET)
    assert SECRET not in repr(vantage)
    assert SECRET not in repr(HealthSettings(vantages=(vantage,)))


@pytest.mark.parametrize(
    "value",
    [
        f'[{{"name": "FRA", "url": "ftp://x", "secret": "{SECRET}"}}]',
        f'[{{"name": "FRA", "url": "https://x", "secret": "{SECRET[:20]}"}}]',
        f'[{{"name": "FRA", "url": "https://x", "secret": "{SECRET}"',
        f'[{{"url": "https://x", "secret": "{SECRET}"}}]',
        f"[{', '.join([json.dumps({'name': 'FRA', 'url': 'https://x', 'secret': SECRET})] * 2)}]",
    ],
)
def test_a_wrong_setting_is_named_without_the_secret(value: str) -> None:
    from adapters.health.settings import HealthSchema

    settings = load(environment={"DESKSIDE_HEALTH__VANTAGES": value})
    with pytest.raises(ConfigurationError) as caught:
        settings.section("health", HealthSchema)
    assert "vantages" in str(caught.value)
    assert SECRET[:20] not in str(caught.value)


def test_vantages_come_from_the_file_or_as_json_from_the_environment() -> None:
    from adapters.health.settings import HealthSchema

    rows = [{"name": "FRA", "url": "https://prober.example.net:8643/", "secret": SECRET}]
    from_environment = load(environment={"DESKSIDE_HEALTH__VANTAGES": json.dumps(rows)}).section("health", HealthSchema)
    assert from_environment.vantages == (Vantage("FRA", "https://prober.example.net:8643", SECRET),)
    assert HealthSchema().load({"vantages": rows}).vantages == from_environment.vantages


def test_a_prober_without_a_secret_does_not_start(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match=r"\[prober\] secret"),
        real_prober("FRA", tmp_path, DESKSIDE_PROBER__SECRET=""),
    ):
        pass
