"""The verdict: down needs two kinds of evidence and no sign of life."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.health.verdict import judge, silent_kinds
from deskside.model.health import Finding, Sign, Word

KINDS = ("icmp", "tcp", "http", "tls", "dns", "rbl", "domain", "status", "incident", "smtp")
findings = st.lists(
    st.builds(
        lambda kind, word, sign: Finding(kind, kind, word, sign, f"{kind} is {word}"),
        st.sampled_from(KINDS),
        st.sampled_from(Word),
        st.sampled_from(Sign),
    ),
    max_size=8,
)


def saw(kind: str, word: Word, sign: Sign) -> Finding:
    return Finding(kind, kind, word, sign, f"{kind} is {word}")


PING_SILENT = saw("icmp", Word.UNKNOWN, Sign.SILENT)
PORTS_SILENT = saw("tcp", Word.DOWN, Sign.SILENT)
PING_OK = saw("icmp", Word.OK, Sign.ALIVE)
PORTS_OK = saw("tcp", Word.OK, Sign.ALIVE)


def test_ping_and_ports_silent_is_down() -> None:
    word, headline = judge([PING_SILENT, PORTS_SILENT])
    assert word is Word.DOWN
    assert "icmp" in headline
    assert "tcp" in headline


def test_ports_that_answer_while_ping_is_filtered_are_ok() -> None:
    assert judge([PING_SILENT, PORTS_OK])[0] is Word.OK


def test_closed_ports_on_a_host_that_answers_ping_are_degraded() -> None:
    assert judge([PING_OK, PORTS_SILENT])[0] is Word.DEGRADED


def test_a_failing_site_on_a_living_host_is_degraded_never_down() -> None:
    assert judge([PING_OK, PORTS_OK, saw("http", Word.DOWN, Sign.ALIVE)])[0] is Word.DEGRADED


def test_ports_http_and_tls_silent_are_one_kind_of_evidence_since_all_begin_with_a_connection() -> None:
    silence = [PORTS_SILENT, saw("http", Word.DOWN, Sign.SILENT), saw("tls", Word.UNKNOWN, Sign.SILENT)]
    assert silent_kinds(silence) == {"tcp"}
    assert judge(silence)[0] is Word.UNKNOWN


def test_lookups_prove_neither_life_nor_death() -> None:
    for kind in ("dns", "rbl", "domain", "status", "incident"):
        for word in Word:
            assert judge([saw(kind, word, Sign.NOTHING)])[0] is Word.UNKNOWN
            assert judge([saw(kind, word, Sign.NOTHING), PING_SILENT])[0] is Word.UNKNOWN
    refusing = saw("tcp", Word.UNKNOWN, Sign.ALIVE)
    assert judge([refusing, saw("domain", Word.OK, Sign.NOTHING)])[0] is Word.UNKNOWN


def test_nothing_measured_is_unknown() -> None:
    assert judge([])[0] is Word.UNKNOWN
    assert judge([saw("icmp", Word.UNKNOWN, Sign.NOTHING)])[0] is Word.UNKNOWN


def test_a_missing_name_alone_is_unknown_since_the_host_may_live() -> None:
    assert judge([saw("dns", Word.DOWN, Sign.NOTHING)])[0] is Word.UNKNOWN


@given(findings)
def test_never_down_with_any_proof_of_life(seen: list[Finding]) -> None:
    if any(finding.sign is Sign.ALIVE for finding in seen):
        assert judge(seen)[0] is not Word.DOWN


@given(findings)
def test_never_down_by_one_kind_of_evidence(seen: list[Finding]) -> None:
    if judge(seen)[0] is Word.DOWN:
        assert len({finding.kind for finding in seen if finding.sign is Sign.SILENT}) >= 2


@given(findings, st.permutations(range(8)))
def test_the_order_of_findings_does_not_matter(seen: list[Finding], order: list[int]) -> None:
    shuffled = [seen[index] for index in order if index < len(seen)]
    assert judge(shuffled)[0] is judge(seen)[0]


@given(findings, st.sampled_from(KINDS), st.sampled_from(Word))
def test_more_life_never_makes_it_down(seen: list[Finding], kind: str, word: Word) -> None:
    assert judge([*seen, saw(kind, word, Sign.ALIVE)])[0] is not Word.DOWN


@given(findings, st.sampled_from(KINDS))
def test_more_silence_never_saves_what_is_down(seen: list[Finding], kind: str) -> None:
    if judge(seen)[0] is Word.DOWN:
        assert judge([*seen, saw(kind, Word.UNKNOWN, Sign.SILENT)])[0] is Word.DOWN


@given(findings)
def test_a_finding_that_says_nothing_never_makes_it_down_or_better(seen: list[Finding]) -> None:
    before = judge(seen)[0]
    assert judge([*seen, saw("x", Word.UNKNOWN, Sign.NOTHING)])[0] is before


@given(findings)
def test_ok_means_that_nothing_fails_and_something_lives(seen: list[Finding]) -> None:
    if judge(seen)[0] is Word.OK:
        assert any(finding.sign is Sign.ALIVE for finding in seen)
        assert not any(finding.word in (Word.DOWN, Word.DEGRADED) for finding in seen)
