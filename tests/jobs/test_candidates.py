"""A draft is made of a ticket that no article answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from deskside.errors import Permanent, Transient
from deskside.knowledge.search import candidates, coverage
from deskside.model.ticket import Reply
from deskside.store.database import Row, reading
from jobs.candidates import ask
from tests.jobs.desk import DESK, MORNING, Bench, FakeDesk, make_bench


@dataclass
class TalkingDesk(FakeDesk):
    """A desk that tells what was said."""

    said: list[Reply] = field(default_factory=list)
    silent: bool = False

    def replies(self, ticket_id: str) -> Sequence[Reply]:
        if self.silent:
            raise Transient("the desk does not answer")
        return self.said


def said(text: str, *, by_us: bool = False) -> Reply:
    return Reply("Ann", by_us, text, MORNING)


@pytest.fixture
def desk() -> TalkingDesk:
    return TalkingDesk()


@pytest.fixture
def talking(database: sa.Engine, desk: TalkingDesk) -> Bench:
    bench = make_bench(database, desk=desk)
    bench.put(subject="Outlook does not send", text="How do I send?", language="en")
    bench.look()
    bench.forget_jobs()
    return bench


def drafts(bench: Bench) -> list[Row]:
    with reading(bench.database) as connection:
        return list(candidates.open(connection))


def test_the_draft_has_the_first_question_and_the_last_answer(talking: Bench, desk: TalkingDesk) -> None:
    desk.said = [
        said("Welcome!", by_us=True),
        said("How do I send?"),
        said("Which port?", by_us=True),
        said("25"),
        said("Use port 587.", by_us=True),
        said("Thank you"),
    ]
    assert ask(talking.context, DESK, "1", "ann")
    (job,) = talking.queued("knowledge.candidate")
    talking.run("knowledge.candidate", **job)
    (row,) = drafts(talking)
    assert (row.state, row.title, row.language) == ("open", "Outlook does not send", "en")
    assert (row.question, row.answer, row.made_by) == ("How do I send?", "Use port 587.", "ann")


def test_the_ticket_counts_as_one_without_an_article(talking: Bench) -> None:
    ask(talking.context, DESK, "1", "ann")
    with reading(talking.database) as connection:
        assert coverage.known(connection, DESK, "1").answer == coverage.MISSING


def test_it_is_asked_for_once_and_only_for_a_ticket_that_is_known(talking: Bench) -> None:
    assert ask(talking.context, DESK, "1", "ann")
    assert not ask(talking.context, DESK, "1", "bob")
    assert not ask(talking.context, DESK, "99", "bob")
    assert len(talking.queued("knowledge.candidate")) == 1


def test_a_ticket_nobody_answered_gives_a_draft_without_an_answer(talking: Bench, desk: TalkingDesk) -> None:
    ask(talking.context, DESK, "1", "ann")
    talking.run("knowledge.candidate", **talking.queued("knowledge.candidate")[0])
    (row,) = drafts(talking)
    assert (row.question, row.answer) == ("How do I send?", "")


def test_a_desk_that_does_not_answer_is_asked_again_and_a_run_after_the_end_does_nothing(
    talking: Bench, desk: TalkingDesk
) -> None:
    ask(talking.context, DESK, "1", "ann")
    (job,) = talking.queued("knowledge.candidate")
    desk.silent = True
    with pytest.raises(Transient):
        talking.run("knowledge.candidate", **job)
    assert drafts(talking)[0].state == "asked"
    desk.silent, desk.said = False, [said("How?"), said("So.", by_us=True)]
    talking.run("knowledge.candidate", **job)
    desk.said = []
    talking.run("knowledge.candidate", **job)
    assert drafts(talking)[0].answer == "So."


def test_a_desk_that_tells_nothing_leaves_a_draft_that_says_so(database: sa.Engine) -> None:
    bench = make_bench(database)
    bench.put()
    bench.look()
    bench.forget_jobs()
    ask(bench.context, DESK, "1", "ann")
    (job,) = bench.queued("knowledge.candidate")
    with pytest.raises(Permanent, match="does not tell") as refused:
        bench.run("knowledge.candidate", **job)
    bench.give_up("knowledge.candidate", str(refused.value), **job)
    assert "does not tell" in drafts(bench)[0].error
