"""When the outside refuses, is silent, busy, or lies: nothing is lost, made twice, or taken from readers."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.knowledge.applying import run
from adapters.knowledge.settings import Route
from deskside.errors import Malformed, Permanent, Transient
from deskside.knowledge import leases
from deskside.model.article import Limits
from deskside.store.database import utc_now
from tests.adapters.knowledge.world import QUICK, World
from tests.doubles.knowledge import BUSY, REFUSES, SILENCE, always, once


def many(world: World, number: int = 30) -> None:
    for index in range(number):
        world.shop.write(f"d{index:02}", f"Title {index}", f"<p>Text {index}.</p>")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["create", "write", "file", "upload", "create section", "archive", "redirect"])
def test_a_request_without_an_answer_makes_nothing_twice(world: World, what: str, when: str) -> None:
    world.set(routes=(Route(target="guide", section=("Help", "Old"), label="old"), *world.publishing.settings.routes))
    many(world, 8)
    world.shop.write("moved", "Moved", "<p>Moved.</p>", labels=["old"])
    world.shop.write("gone", "Gone", "<p>Gone.</p>", names=["x"])
    world.settled()
    world.shop.attach("one.png", b"one")
    asset = {"ref": "one.png", "filename": "one.png", "content_type": "image/png"}
    world.shop.write("new", "New", '<p><img src="asset:one.png" alt=""></p>', assets=[asset], names=["gone"])
    world.shop.write("moved", "Moved", "<p>Moved.</p>")
    world.set(routes=(*world.publishing.settings.routes[1:], Route(target="billing", section=("New",), label="new")))
    world.shop.erase("gone")
    # An archived article that comes back is the one thing that is redirected on the same target.
    world.shop.fault = once(SILENCE, what, when)
    world.apply()
    world.apply()
    assert not world.plan().changes
    titles = [text["title"] for item in world.shop.articles().values() for text in item["texts"].values()]
    assert len(titles) == len(set(titles)) == 10


def test_busy_is_waited_for(world: World) -> None:
    many(world, 2)
    world.shop.fault = once(BUSY, "write")
    world.settled()


def test_one_that_is_refused_stops_no_other_and_is_told(world: World) -> None:
    many(world, 3)
    world.shop.fault = lambda who, what, about, when: _refuse(what, about, when, "Title 1")
    outcome = world.apply()
    assert outcome.counts == {"done": 2, "failed": 1}
    (problem,) = outcome.as_json()["problems"].values()
    assert problem == {"state": "failed", "reason": "this title is forbidden"}
    world.shop.fault = lambda *_: None
    world.settled()


def _refuse(what: str, about: str, when: str, title: str) -> None:
    if (what, about, when) == ("create", title, "before"):
        raise Permanent("this title is forbidden")


def test_a_target_that_refuses_us_is_left_alone_and_the_other_one_is_not(world: World) -> None:
    world.set(routes=(*world.publishing.settings.routes, Route(target="billing", section=("Money",))))
    many(world, 3)
    plan = world.plan()

    def refuse(who: str, what: str, about: str, when: str) -> None:
        if who == "guide" and what == "create":
            raise REFUSES

    world.shop.fault = refuse
    outcome = world.apply(plan)
    assert outcome.stopped == {"guide": "the token has ended"}
    assert outcome.counts == {"done": 3, "left": 3}
    assert len(world.shop.log("create")) == 4


def test_a_target_that_is_silent_for_long_is_left_alone(world: World) -> None:
    world.set(patience=timedelta())
    many(world, 10)
    plan = world.plan()
    world.shop.fault = always(Transient("no answer"), "create")
    outcome = world.apply(plan)
    assert outcome.counts == {"left": 10}
    assert len(world.shop.log("create")) == 3


@pytest.mark.parametrize(
    "fault",
    [
        always(REFUSES, "list"),
        always(Transient("the listing broke off"), "list"),
        always(Permanent("410 Gone"), "list"),
    ],
)
def test_a_listing_that_fails_changes_nothing_and_archives_nothing(
    world: World, fault: Callable[[str, str, str, str], None]
) -> None:
    many(world)
    world.settled()
    for index in range(30):
        world.shop.erase(f"d{index:02}")
    world.shop.fault = fault
    plan = world.plan()
    assert plan.failed
    assert plan.actions == ()
    assert len(world.shop.articles()) == 30


@pytest.mark.parametrize("left", [0, 10, 20])
def test_an_empty_or_cut_listing_archives_nothing_while_the_source_has_them_still(world: World, left: int) -> None:
    many(world)
    world.settled()
    world.shop.put("listing", "hidden", [f"d{index:02}" for index in range(left, 30)])
    for _ in range(3):
        assert world.kinds() == {"held": 30 - left}
        assert world.apply().results == {}
    world.shop.put("listing", "hidden", [])
    assert world.kinds() == {}


def test_what_a_token_may_not_read_any_more_is_not_archived(world: World) -> None:
    many(world)
    world.settled()
    world.shop.put("listing", "hidden", ["d01"])
    world.shop.fault = always(REFUSES, "read document")
    (action,) = world.plan().actions
    assert action.reason == "it is gone at its source; it is in no listing, and the source refuses to answer for it"


def test_a_mass_deletion_needs_the_exact_number(world: World) -> None:
    many(world)
    world.settled()
    for index in range(9):
        world.shop.erase(f"d{index:02}")
    plan = world.plan()
    assert plan.counts == {"held": 9}
    with pytest.raises(Malformed, match="9 articles wait"):
        world.apply(plan, allow_archive=8)
    assert world.apply(plan).results == {}
    assert world.apply(plan, allow_archive=9).counts == {"done": 9}
    assert len(world.shop.articles()) == 21


def test_the_source_is_asked_once_more_directly_before_an_archive(world: World) -> None:
    many(world)
    world.settled()
    world.shop.erase("d01")
    plan = world.plan()
    assert plan.counts == {"archive": 1}
    world.shop.write("d01", "Title 1", "<p>Back.</p>")
    outcome = world.apply(plan)
    assert outcome.counts == {"skipped": 1}
    assert len(world.shop.articles()) == 30


def test_an_article_that_changed_since_the_plan_is_not_archived_or_written(world: World) -> None:
    many(world)
    world.settled()
    world.shop.erase("d01")
    world.shop.write("d02", "Title 2", "<p>New.</p>")
    plan = world.plan()
    for title in ("Title 1", "Title 2"):
        world.shop.edit(world.shop.article(title)["id"], "<p>By hand.</p>")
    assert world.apply(plan).counts == {"skipped": 2}
    assert list(world.shown().values()).count("<p>By hand.</p>") == 2


def test_an_edit_between_reading_and_writing_of_another_article_is_never_overwritten(world: World) -> None:
    many(world, 2)
    world.settled()
    for index in range(2):
        world.shop.write(f"d{index:02}", f"Title {index}", "<p>New.</p>")
    second = world.shop.article("Title 1")["id"]

    def edit(who: str, what: str, about: str, when: str) -> None:
        if (what, when) == ("write", "after") and about != second:
            world.shop.edit(second, "<p>By hand.</p>")

    world.shop.fault = edit
    assert world.apply().counts == {"done": 1, "skipped": 1}
    assert world.shown()["Title 1"] == "<p>By hand.</p>"


def test_a_document_that_cannot_be_read_stops_no_other_and_is_tried_again(world: World) -> None:
    many(world, 3)

    def broken(who: str, what: str, about: str, when: str) -> None:
        if (what, about) == ("read document", "d01"):
            raise Permanent("it is broken")

    world.shop.fault = broken
    plan = world.plan()
    assert plan.counts == {"create": 2}
    assert plan.sources["handbook"].unreadable == {"d01": "it is broken"}
    assert not plan.failed
    world.shop.fault = lambda *_: None
    assert world.kinds() == {"create": 3}


def test_what_the_target_would_cut_is_refused_in_the_plan(world: World) -> None:
    world.guide._limits = Limits(body_bytes=1000, title_characters=20, four_byte_characters=False)
    world.shop.write("a", "Long", f"<p>{'x' * 1000}</p>")
    world.shop.write("b", "Smile", "<p>\N{GRINNING FACE}</p>")
    world.shop.write("c", "A title of twenty-one", "<p>.</p>")
    world.shop.write("d", "Fits", '<p><a href="doc:a">Long</a></p>')
    plan = world.plan()
    assert plan.counts == {"create": 1, "refused": 3}
    reasons = {action.title: action.reason for action in plan.actions if action.kind == "refused"}
    assert reasons["Long"] == "the text has 1,007 bytes, and 1,000 fit"
    assert "\N{GRINNING FACE}" in reasons["Smile"]
    assert "20 fit" in reasons["A title of twenty-one"]
    world.apply(plan)
    # No link leads to what is not there.
    assert world.shown() == {"Fits": "<p>Long</p>"}


def test_an_article_made_of_content_blocks_is_not_written(world: World) -> None:
    many(world, 1)
    world.settled()
    world.shop.change(world.shop.article("Title 0")["id"], locked="it is made of content blocks")
    world.shop.write("d00", "Title 0", "<p>New.</p>")
    (action,) = world.plan().actions
    assert (action.kind, action.reason) == ("refused", "it is made of content blocks")


def test_a_language_that_the_target_has_not_stops_it_before_anything_is_written(world: World) -> None:
    world.shop.put("languages", "guide", ["en"])
    world.shop.write("a", "Titel", "<p>Text.</p>", language="de")
    outcome = world.apply()
    assert outcome.stopped == {"guide": "target guide: cannot write de"}
    assert world.shop.log("create section", "create") == []


def test_two_never_write_to_one_target_at_once(world_on_both: World) -> None:
    world = world_on_both
    many(world, 1)
    plan = world.plan()
    with world.database.begin() as connection:
        assert leases.take(connection, "guide", "somebody", timedelta(seconds=60), utc_now())
        assert not leases.take(connection, "guide", "me", timedelta(seconds=60), utc_now())
        assert leases.take(connection, "guide", "me", timedelta(seconds=60), utc_now() + timedelta(seconds=61))
        assert not leases.renew(connection, "guide", "somebody", timedelta(seconds=60), utc_now())
    outcome = world.apply(plan)
    assert outcome.counts == {"left": 1}
    assert outcome.stopped["guide"].startswith("another process writes to guide")


def test_a_run_ends_at_its_budget_and_the_next_one_goes_on(world: World) -> None:
    world.set(requests=20)
    many(world, 30)
    for _ in range(12):
        asked = world.guide.requests
        outcome = world.apply(world.plan())
        assert world.guide.requests - asked <= 20 + 5
        if not outcome.stopped:
            break
    assert len(world.shown()) == 30
    assert len(world.shop.articles()) == 30


def test_a_run_that_is_told_to_stop_ends_between_two_items(world: World) -> None:
    many(world, 5)
    plan = world.plan()
    stop = threading.Event()

    def pull(who: str, what: str, about: str, when: str) -> None:
        if (what, when) == ("create", "after"):
            stop.set()

    world.shop.fault = pull
    outcome = run.apply(world.publishing, world.database, run.chosen(plan), stopping=stop)
    assert len(world.shop.log("create")) == 1
    assert outcome.counts == {"left": 5}
    world.shop.fault = lambda *_: None
    world.settled()


def test_labels_that_hide_many_articles_count_like_deletions(world: World) -> None:
    world.set(routes=(Route(target="guide", section=("Help",), label="public"),))
    for index in range(10):
        world.shop.write(f"d{index}", f"Title {index}", "<p>.</p>", labels=["public"])
    world.settled()
    for index in range(6):
        world.shop.write(f"d{index}", f"Title {index}", "<p>.</p>", labels=[])
    plan = world.plan()
    assert plan.counts == {"held": 6, "unrouted": 6}
    assert world.apply(plan, allow_archive=6).counts == {"done": 6}
    assert len(world.shown()) == 4


def test_the_guard_of_a_shrunk_source_asks_for_the_number_even_of_few(world: World) -> None:
    world.set(guard=replace(QUICK, archive_least=0, archive_most=20, archive_percent=100))
    many(world, 10)
    world.settled()
    for index in range(4):
        world.shop.erase(f"d{index:02}")
    plan = world.plan()
    assert plan.counts == {"held": 4}
    assert plan.sources["handbook"].state == "shrunk"
    assert world.apply(plan, allow_archive=4).counts == {"done": 4}
    # What was archived is forgotten, and the source is believed again.
    assert world.kinds() == {}
    assert world.plan().sources["handbook"].state == "good"
