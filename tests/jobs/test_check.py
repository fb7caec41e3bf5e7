"""A health check: one note when the word changes, a dead server once to the head, and nothing else moves."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.model.health import Word
from deskside.model.ticket import Agent, Status
from deskside.order.key import sort_key
from deskside.store import checks, tickets
from deskside.store.database import Row, reading, utc_now
from deskside.store.tables import probe_log
from jobs import actions
from tests.databases import migrated_sqlite, open_careless
from tests.jobs.desk import DESK, MORNING, Bench, make_bench


@pytest.fixture
def known(bench: Bench) -> Bench:
    """A bench with one waiting ticket about the server srv1; what it asked for is forgotten."""
    return with_a_ticket(bench)


def with_a_ticket(bench: Bench, ticket_id: str = "1") -> Bench:
    bench.add_service()
    bench.put(ticket_id, created_at=utc_now() - timedelta(minutes=20))
    bench.look(ticket_id)
    bench.forget_jobs()
    return bench


def check(bench: Bench, word: Word, request: str, asked_by: str = "ticket", ticket_id: str = "1") -> Row:
    bench.examiner.words["srv1"] = word
    bench.run("ticket.check", desk=DESK, ticket_id=ticket_id, request=request, asked_by=asked_by)
    return bench.row(ticket_id)


def test_the_verdict_is_kept_with_its_history(known: Bench) -> None:
    row = check(known, Word.OK, "r1")
    assert (row.health, row.health_headline) == ("ok", "srv1 is ok")
    with reading(known.database) as connection:
        history = checks.of_ticket(connection, DESK, "1")
    assert [(item.word, item.asked_by) for item in history] == [("ok", "ticket")]
    assert history[0].reports[0]["findings"][0]["summary"] == "srv1 was looked at"
    assert history[0].checked_at == row.health_at


def test_the_first_verdict_gets_a_note_and_a_tag(known: Bench) -> None:
    check(known, Word.OK, "r1")
    note, tags = known.effects("note")[0], known.effects("tags")[0]
    assert note.payload["marker"] == "r1"
    assert "srv1" in note.payload["lines"][0]
    assert tags.payload == {"add": ["deskside_ok"], "remove": []}
    assert len(known.queued("effect.send")) == 2


def test_there_is_a_note_only_when_the_word_changes(known: Bench) -> None:
    for number, word in enumerate([Word.OK, Word.OK, Word.DEGRADED, Word.DEGRADED, Word.OK]):
        check(known, word, f"r{number}")
    assert [row.payload["marker"] for row in known.effects("note")] == ["r0", "r2", "r4"]


def test_the_tag_of_the_old_word_is_taken_off(known: Bench) -> None:
    check(known, Word.DOWN, "r1")
    check(known, Word.OK, "r2")
    assert known.effects("tags")[-1].payload == {"add": ["deskside_ok"], "remove": ["deskside_down"]}


def test_a_check_that_runs_twice_plans_its_note_once(known: Bench) -> None:
    check(known, Word.OK, "r1")
    with known.database.begin() as connection:
        tickets.update(connection, DESK, "1", health="")
    known.forget_jobs()
    check(known, Word.OK, "r1")
    assert len(known.effects("note")) == 1
    assert known.queued("effect.send") == []


def test_a_dead_server_lowers_the_key_as_if_the_ticket_came_now_with_the_whole_head_start(known: Bench) -> None:
    before = known.row()
    after = check(known, Word.DOWN, "r1")
    assert after.key == int(after.health_at.timestamp()) - 4320 * 60
    assert after.key < before.key
    assert (after.emergency, after.band, after.head_start) == (True, "emergency", 4320 * 60)
    assert after.contributions[-1]["factor"] == "server_down"
    assert known.effects("place")[-1].payload == {"band": "emergency", "sort_key": sort_key(after.key)}


def test_a_dead_server_lowers_the_key_once(known: Bench) -> None:
    first = check(known, Word.DOWN, "r1")
    for number, word in enumerate([Word.DOWN, Word.OK, Word.DOWN, Word.UNKNOWN, Word.DOWN]):
        again = check(known, word, f"again{number}")
        assert (again.key, again.contributions) == (first.key, first.contributions)


def test_an_emergency_stays_one_when_the_ticket_is_looked_at_again(known: Bench) -> None:
    first = check(known, Word.DOWN, "r1")
    known.put(priority="high", updated_at=MORNING + timedelta(days=1))
    again = known.look()
    assert (again.key, again.band, again.emergency) == (first.key, "emergency", True)


@pytest.mark.parametrize("word", [Word.UNKNOWN, Word.DEGRADED, Word.OK])
def test_no_other_word_than_down_moves_a_ticket(known: Bench, word: Word) -> None:
    before = known.row()
    after = check(known, word, "r1")
    assert (after.key, after.head_start, after.band, after.emergency, after.contributions) == (
        before.key,
        before.head_start,
        before.band,
        before.emergency,
        before.contributions,
    )
    assert len(known.effects("place")) == 1


@pytest.fixture
def sqlite_bench(tmp_path: Any) -> Any:
    opened = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    yield make_bench(opened)
    opened.dispose()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(list(Word)), min_size=1, max_size=8))
def test_whatever_the_words_the_key_falls_at_most_once_and_a_note_tells_each_change_that_is_no_doubt(
    sqlite_bench: Bench, words: list[Word]
) -> None:
    bench = sqlite_bench
    number = str(len(bench.desk.tickets) + 1)
    with_a_ticket(bench, number)
    keys = [bench.row(number).key]
    for turn, word in enumerate(words):
        keys.append(check(bench, word, f"{number}-{turn}", ticket_id=number).key)
    assert len(set(keys)) == (2 if Word.DOWN in words else 1)
    assert keys == sorted(keys, reverse=True)
    notes = [row for row in bench.effects("note") if row.ticket_id == number]
    assert len(notes) == len(told_at_once(words))


def told_at_once(words: list[Word]) -> list[Word]:
    """The words of the notes when all checks follow each other at once: a doubt and its end wait, down never."""
    told = words[:1]
    for word in words[1:]:
        if word is Word.DOWN or Word.UNKNOWN not in (word, told[-1]):
            told += [word] if word is not told[-1] else []
    return told


def test_the_worst_of_several_servers_speaks_for_the_ticket(bench: Bench) -> None:
    bench.add_service("srv1", address="192.0.2.10")
    bench.add_service("srv2", address="192.0.2.20")
    bench.put(text="192.0.2.10 and 192.0.2.20")
    bench.look()
    bench.examiner.words["srv2"] = Word.DOWN
    row = check(bench, Word.OK, "r1")
    assert (row.health, row.health_headline) == ("down", "srv2 is down")
    lines = bench.effects("note")[0].payload["lines"]
    assert "srv2" in lines[0]
    assert "srv1" in lines[-1]


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DELETED])
def test_a_closed_ticket_gets_no_note_and_no_tag(known: Bench, status: Status) -> None:
    with known.database.begin() as connection:
        tickets.update(connection, DESK, "1", status=status.value, waiting=False)
    row = check(known, Word.DOWN, "r1")
    assert row.health == "down"
    assert known.effects("note") == known.effects("tags") == []
    assert not row.emergency


def test_a_ticket_that_was_answered_meanwhile_gets_its_note_and_keeps_its_key(known: Bench) -> None:
    known.put(status=Status.PENDING, updated_at=utc_now())
    before = known.look()
    after = check(known, Word.DOWN, "r1")
    assert after.key == before.key
    assert len(known.effects("note")) == 1


def test_a_ticket_without_a_service_is_not_examined(bench: Bench) -> None:
    bench.put()
    bench.look()
    check(bench, Word.DOWN, "r1")
    assert bench.examiner.asked == []
    assert bench.effects("note") == []


def test_a_ticket_nobody_knows_is_not_examined(bench: Bench) -> None:
    bench.run("ticket.check", desk=DESK, ticket_id="404", request="r", asked_by="ticket")
    assert bench.examiner.asked == []


def test_a_check_a_person_asks_for_measures_anew(known: Bench) -> None:
    check(known, Word.OK, "r1")
    check(known, Word.OK, "r2", asked_by="ann")
    assert known.examiner.asked == [(("srv1",), False), (("srv1",), True)]


def test_a_person_may_ask_once_a_minute(known: Bench) -> None:
    assert actions.check_again(known.context, DESK, "1", "ann")
    assert not actions.check_again(known.context, DESK, "1", "bob")
    assert [job["asked_by"] for job in known.queued("ticket.check")] == ["ann"]
    with known.database.begin() as connection:
        tickets.update(connection, DESK, "1", check_asked_at=utc_now() - actions.BETWEEN_CHECKS)
        connection.execute(sa.update(probe_log).values(at=utc_now() - actions.BETWEEN_CHECKS))
    assert actions.check_again(known.context, DESK, "1", "bob")


def test_nobody_can_ask_for_a_check_of_an_unknown_ticket(bench: Bench) -> None:
    assert not actions.check_again(bench.context, DESK, "404", "ann")
    assert bench.queued() == []


def test_a_ticket_deleted_from_the_store_while_it_was_examined_stores_nothing(known: Bench) -> None:
    inner = known.examiner.examine_all

    def examine_all(*args: Any, **kwargs: Any) -> Any:
        with known.database.begin() as connection:
            connection.execute(sa.delete(tickets.ticket))
        return inner(*args, **kwargs)

    known.examiner.examine_all = examine_all  # type: ignore[method-assign]
    known.run("ticket.check", desk=DESK, ticket_id="1", request="r", asked_by="ticket")
    assert known.effects("note") == []


@pytest.mark.parametrize(
    ("agent", "word"),
    [(None, "checked"), (Agent("9", "Ivan", "ru"), "проверено"), (Agent("9", "X", "xx"), "checked")],
)
def test_the_note_is_in_the_language_of_the_agent_who_has_the_ticket(
    known: Bench, agent: Agent | None, word: str
) -> None:
    known.put(agent=agent)
    known.look()
    check(known, Word.DOWN, "r1")
    (note,) = known.effects("note")
    assert word in note.payload["lines"][0].lower()


def test_an_outage_that_an_open_incident_explains_does_not_go_to_the_head(known: Bench) -> None:
    known.examiner.incident = "Rack 7 is dark"
    before = known.row()
    row = check(known, Word.DOWN, "r1")
    assert (row.health, row.emergency, row.key) == ("down", False, before.key)
    known.examiner.incident = ""
    assert check(known, Word.DOWN, "r2").emergency
