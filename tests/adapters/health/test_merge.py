"""The verdict over several vantages: down only when nobody sees life."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.places import elsewhere, from_here
from adapters.health.verdict import Look, judge, lives, merge, needs_others
from adapters.health.wording import note_lines
from deskside.model.health import Finding, HealthReport, Sign, Word
from deskside.model.service import Target
from tests.adapters.health.stand_ins import saw, silent
from tests.adapters.health.test_wording import PING_OK, PING_SILENT, PORTS_OK, PORTS_SILENT, exchange

TARGET = Target("srv1", "srv1.example", "203.0.113.10", (22, 80, 443), "address 203.0.113.10 in the text")
NOW = datetime(2026, 11, 22, 10, 45, 2, tzinfo=UTC)
OUR_SIDE = Finding("anchors", "anchors", Word.UNKNOWN, Sign.NOTHING, "our side", {"code": "our_side"})
NO_ROUTE = Finding("examine", "examine", Word.UNKNOWN, Sign.NOTHING, "no route", {"code": "no_route", "address": "::1"})

findings = st.lists(
    st.builds(
        saw,
        st.sampled_from(["icmp", "tcp", "http", "tls", "dns"]),
        st.sampled_from(Word),
        st.sampled_from(Sign),
    ),
    max_size=5,
).map(tuple)
reasons = st.sampled_from(["timeout", "unreachable", "refused"])


def report(*found: Finding, vantage: str = "here") -> HealthReport:
    word, headline = judge(found)
    if OUR_SIDE in found:
        word = Word.UNKNOWN
    return HealthReport(TARGET, "203.0.113.10", word, headline, found, NOW, 3012.0, vantage)


def look(name: str, *found: Finding) -> Look:
    return Look(name, report(*found, vantage=name))


@st.composite
def looks(draw: st.DrawFn) -> list[Look]:
    names = draw(st.lists(st.sampled_from(["FRA", "NYC", "SIN", "KHV"]), unique=True, max_size=4))
    return [look(name, *draw(findings)) if draw(st.booleans()) else Look(name, None, draw(reasons)) for name in names]


DEAD = report(PING_SILENT, PORTS_SILENT)


def test_down_from_here_and_up_from_there_is_degraded_and_says_so() -> None:
    merged = merge(DEAD, [look("FRA", PING_OK, PORTS_OK)])
    assert (merged.word, merged.headline) == (Word.DEGRADED, "down from here, up from FRA")
    english, russian = note_lines(merged), note_lines(merged, language="ru")
    assert english[0].startswith(
        "DEGRADED: srv1.example (203.0.113.10): down from here, up from FRA (ports 22, 80, 443"
    )
    assert "- From FRA: OK: ping answers (4 of 4, 12.1 ms), ports 22, 80, 443 are open" in english
    assert "отсюда не работает, а из FRA работает" in russian[0]
    assert any(line.startswith("- Из FRA: РАБОТАЕТ") for line in russian)


def test_down_from_everywhere_is_down_and_names_the_witnesses() -> None:
    merged = merge(DEAD, [look("FRA", PING_SILENT, PORTS_SILENT)])
    assert merged.word is Word.DOWN
    assert merged.headline.endswith("down from FRA too")
    assert "; down from FRA too. Checked" in note_lines(merged)[0]


def test_a_vantage_that_does_not_answer_is_named_and_changes_nothing() -> None:
    alone = merge(DEAD, [Look("FRA", None, "timeout")])
    assert (alone.word, alone.headline) == (DEAD.word, DEAD.headline)
    assert "- From FRA: unknown, it did not answer in time" in note_lines(alone)
    silence = report(PORTS_SILENT)
    assert merge(silence, [Look("FRA", None, "timeout")]).word is Word.UNKNOWN


def test_one_kind_of_silence_here_and_life_there_is_degraded() -> None:
    merged = merge(report(PORTS_SILENT), [look("FRA", PORTS_OK)])
    assert (merged.word, merged.headline) == (Word.DEGRADED, "silent from here, up from FRA")


def test_halves_of_the_evidence_from_two_places_do_not_add_up_to_down() -> None:
    assert merge(report(PORTS_SILENT), [look("FRA", PING_SILENT)]).word is Word.UNKNOWN


def test_a_failure_that_only_we_see_says_where_all_works() -> None:
    merged = merge(report(PING_OK, PORTS_SILENT), [look("FRA", PING_OK, PORTS_OK)])
    assert merged.word is Word.DEGRADED
    assert "from FRA all works" in note_lines(merged)[0]


@pytest.mark.parametrize("doubt", [OUR_SIDE, NO_ROUTE])
def test_when_our_own_side_is_in_doubt_the_others_decide(doubt: Finding) -> None:
    ours = report(PING_SILENT, PORTS_SILENT, OUR_SIDE) if doubt is OUR_SIDE else report(doubt)
    merged = merge(ours, [look("FRA", PING_OK, PORTS_OK)])
    assert merged.word is Word.OK
    assert "our own side is in doubt; from FRA: ping answers" in note_lines(merged)[0]
    assert merge(ours, [look("FRA", PING_SILENT, PORTS_SILENT)]).word is Word.DOWN
    assert merge(ours, [Look("FRA", None, "timeout")]).word is Word.UNKNOWN


@pytest.mark.parametrize(
    ("found", "needed"),
    [
        ((PING_OK, PORTS_OK), False),
        ((PING_SILENT, PORTS_OK), False),
        ((PING_OK, PORTS_OK, exchange(502)), False),
        ((PING_OK, exchange(None, "refused")), False),
        ((PING_SILENT, PORTS_SILENT), True),
        ((PORTS_SILENT,), True),
        ((PING_OK, PORTS_SILENT), True),
        ((PING_SILENT, PORTS_SILENT, OUR_SIDE), True),
        ((NO_ROUTE,), True),
        ((replace(NO_ROUTE, details={"code": "forbidden"}),), False),
        ((), False),
    ],
)
def test_others_are_asked_only_about_silence_and_the_network(found: tuple[Finding, ...], needed: bool) -> None:
    assert needs_others(report(*found)) is needed


@given(findings, looks())
def test_never_down_while_any_vantage_sees_life(found: tuple[Finding, ...], others: list[Look]) -> None:
    local = report(*found)
    merged = merge(local, others)
    seen = [local, *(other.report for other in others if other.report is not None)]
    if any(lives(each.findings) for each in seen):
        assert merged.word is not Word.DOWN
    if merged.word is Word.DOWN:
        assert any(each.word is Word.DOWN for each in seen)


@given(findings, looks(), reasons)
def test_who_does_not_answer_never_changes_the_verdict(
    found: tuple[Finding, ...], others: list[Look], reason: str
) -> None:
    local = report(*found)
    assert merge(local, [*others, Look("mute", None, reason)]).word is merge(local, others).word


@given(findings, looks(), st.randoms())
def test_the_order_of_vantages_does_not_matter(found: tuple[Finding, ...], others: list[Look], chance: object) -> None:
    shuffled = list(others)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge(report(*found), shuffled).word is merge(report(*found), others).word


@given(findings, looks())
def test_a_merged_report_can_be_taken_apart_again(found: tuple[Finding, ...], others: list[Look]) -> None:
    local = report(*found)
    merged = merge(local, others)
    assert from_here(merged).findings == local.findings
    places = elsewhere(merged)
    assert [place.name for place in places] == [other.vantage for other in others]
    for place, other in zip(places, others, strict=True):
        assert (place.report is None) == (other.report is None)
        if other.report is not None:
            assert place.word is other.report.word
            assert place.alive == lives(other.report.findings)


@given(findings, looks(), st.sampled_from(["en", "ru"]))
def test_every_merged_report_becomes_a_note_that_names_every_vantage(
    found: tuple[Finding, ...], others: list[Look], language: str
) -> None:
    lines = note_lines(merge(report(*found), others), report(silent("tcp")), language)
    assert len(lines) <= 14
    for other in others:
        assert any(line.startswith((f"- From {other.vantage}:", f"- Из {other.vantage}:")) for line in lines)
