"""Promises of the digests' page: the team decides, every part of a score is seen, and a worker does the sending."""

import re
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deskside.store.database import Row, reading, utc_now
from deskside.store.push_tables import candidate, digest, digest_shown
from push.digests import candidates, sources
from tests.push.digests.stories import DAY, HOUR, TOPIC, Desk, entry
from tests.push.sending.world import World
from tests.webhooks.desk import HOSTILE, Asked, post, text
from tests.webhooks.pages.push.test_composer import words

PAGE = "/digests"


@pytest.fixture
def found(world: World) -> Sequence[int]:
    """Four candidates that could stand in a digest made now."""
    now = utc_now()
    with world.database.begin() as connection:
        entries = [entry(name, published_at=now - 3 * HOUR) for name in ("red", "blue", "green", "grey")]
        return Desk(connection).found(*entries, at=now - 2 * HOUR)


def act(ops: FlaskClient, path: str, **form: str) -> TestResponse:
    return post(ops, f"{PAGE}{path}", page=PAGE, **form)


def draft(ops: FlaskClient, world: World) -> Row:
    act(ops, "/draft")
    return issue(world)


def issue(world: World) -> Row:
    with reading(world.database) as connection:
        return connection.execute(sa.select(digest).order_by(digest.c.id.desc())).first()


def order(row: Row) -> list[int]:
    return [item["candidate"] for item in row.items]


def of(world: World, number: int) -> candidates.Candidate:
    with reading(world.database) as connection:
        return candidates.by_id(connection, [number])[number]


def test_a_candidate_is_voted_for_pinned_and_vetoed_and_all_of_it_can_be_taken_back(
    ops: FlaskClient, world: World, found: Sequence[int]
) -> None:
    one = found[0]
    path = f"/candidates/{one}"
    assert act(ops, f"{path}/up").location == f"/digests#candidate-{one}"
    act(ops, f"{path}/up")
    assert (len(of(world, one).ups), len(of(world, one).downs)) == (3, 0)
    act(ops, f"{path}/down")
    assert (len(of(world, one).ups), len(of(world, one).downs)) == (2, 1)
    act(ops, f"{path}/take_back")
    assert (len(of(world, one).ups), len(of(world, one).downs)) == (2, 0)
    act(ops, f"{path}/pin")
    assert of(world, one).pinned and "pinned" in words(ops.get(PAGE))
    act(ops, f"{path}/unpin")
    act(ops, f"{path}/veto")
    assert of(world, one).vetoed and not of(world, one).pinned and "Lift the veto" in words(ops.get(PAGE))
    act(ops, f"{path}/allow")
    assert not of(world, one).vetoed


def test_the_score_is_shown_with_its_parts_and_why_something_is_not_in(
    ops: FlaskClient, world: World, found: Sequence[int]
) -> None:
    with world.database.begin() as connection:
        candidates.veto(connection, found[3], "ann")
    said = words(ops.get(PAGE))
    assert "place 1 of a digest made now" in said and "vetoed" in said
    assert re.search(
        r"votes 0\.75 × 0\.45 freshness 0\.9\d × 0\.25 relevance 0\.00 × 0\.2 engagement 0\.50 × 0\.1", said
    )


def test_a_draft_is_arranged_and_sent_by_a_worker(
    ops: FlaskClient, world: World, found: Sequence[int], asked: Asked
) -> None:
    row = draft(ops, world)
    assert row.state == "draft" and row.made_by == "ops" and sorted(order(row)) == sorted(found)
    first, second, third, dropped = order(row)
    form = {f"keep-{number}": "1" for number in (first, second, third)}
    places = {f"place-{first}": "3", f"place-{second}": "2", f"place-{third}": "1", f"place-{dropped}": "1"}
    act(ops, f"/{row.id}/arrange", **form, **places)
    assert order(issue(world)) == [third, second, first]
    late = act(ops, f"/{row.id}/send", seen=",".join(map(str, order(row))))
    assert "somebody changed the draft meanwhile" in text(ops, late.location) and not asked.digests
    seen = re.search(r'name="seen" value="([^"]+)"', text(ops, PAGE))
    assert seen is not None
    act(ops, f"/{row.id}/send", seen=seen[1])
    assert asked.digests == [(row.id, "ops")]


def test_a_draft_of_nothing_is_not_kept(ops: FlaskClient, world: World, found: Sequence[int]) -> None:
    row = draft(ops, world)
    assert "nothing would be left" in text(ops, act(ops, f"/{row.id}/arrange").location)
    assert issue(world) == row


def test_a_draft_is_skipped_with_a_reason_only(ops: FlaskClient, world: World, found: Sequence[int]) -> None:
    row = draft(ops, world)
    assert "say why" in text(ops, act(ops, f"/{row.id}/skip", reason=" ").location)
    act(ops, f"/{row.id}/skip", reason="too dull")
    assert (issue(world).state, issue(world).reason) == ("skipped", "ops: too dull")
    for what in ("send", "skip", "arrange"):
        answer = act(ops, f"/{row.id}/{what}", reason="again")
        assert "no draft any more" in text(ops, answer.location)


def test_where_push_is_off_nothing_is_said_to_go_out(
    ops: FlaskClient, world: World, found: Sequence[int], asked: Asked
) -> None:
    row, asked.answer = draft(ops, world), False
    answer = act(ops, f"/{row.id}/send", seen=",".join(map(str, order(row))))
    assert "switched off" in text(ops, answer.location)


def test_too_little_makes_no_digest_and_says_so(ops: FlaskClient, world: World) -> None:
    answer = act(ops, "/draft")
    assert "There is no digest in it yet: nothing that could stand in it" in text(ops, answer.location)


def test_past_issues_tell_how_many_opened_them(ops: FlaskClient, world: World, found: Sequence[int]) -> None:
    row, people = draft(ops, world), world.crowd(4)
    with world.database.begin() as connection:
        connection.execute(sa.update(digest).values(state="sent", sent_at=utc_now()))
        shown = [
            {"subscriber": person, "candidate": item, "digest": row.id, "at": utc_now(), "opened_at": opened}
            for person, opened in zip(people, (utc_now(), None, None, None), strict=True)
            for item in found[:2]
        ]
        connection.execute(sa.insert(digest_shown), shown)
    assert re.search(r"sent .* 4 4 1 25 %", words(ops.get(PAGE)).split("Past issues")[1])


def test_a_source_is_added_by_its_kind_changed_and_removed(ops: FlaskClient, world: World, asked: Asked) -> None:
    path = f"{PAGE}/sources/new"
    form = {"kind": "feed", "name": "Blog", "half_life_days": "3", "topic": "news", "topics": "Hosting = news\n"}
    answer = post(ops, path, page=PAGE, **form, **{"own-url": "https://blog.example/feed"})
    assert answer.location == "/digests#sources" and asked.looks == [1]
    with reading(world.database) as connection:
        row = sources.get(connection, 1)
    assert row is not None and row.options["own"] == {"url": "https://blog.example/feed"}
    assert (row.options["topic"], row.options["topics"], row.active) == ("news", {"Hosting": "news"}, True)
    assert "https://blog.example/feed" in text(ops, f"{PAGE}/sources/1")
    post(ops, f"{PAGE}/sources/1", page=PAGE, half_life_days="14", **{"own-url": "https://blog.example/feed"})
    with reading(world.database) as connection:
        row = sources.get(connection, 1)
    assert row is not None and not row.active and row.options["half_life_days"] == 14
    act(ops, "/sources/1/look")
    assert asked.looks == [1, 1, 1]
    act(ops, "/sources/1/remove")
    assert ops.get(f"{PAGE}/sources/1").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"own-url": "file:///etc/passwd"}, "own url"),
        ({"own-url": ""}, "own url"),
        ({"name": ""}, "a source needs a name"),
        ({"name": "Taken"}, "of this name already"),
        ({"half_life_days": "soon"}, "half_life_days"),
        ({"topics": "Hosting"}, "each line must be"),
    ],
)
def test_a_source_that_cannot_be_is_told_why(
    ops: FlaskClient, world: World, asked: Asked, wrong: dict[str, str], said: str
) -> None:
    with world.database.begin() as connection:
        sources.add(connection, "feed", "Taken", TOPIC)
    form = {"kind": "feed", "name": "Blog", "half_life_days": "3", "own-url": "https://blog.example/feed"}
    answer = post(ops, f"{PAGE}/sources/new", page=PAGE, **{**form, **wrong})
    assert answer.status_code == 422 and said in words(answer) and not asked.looks


def test_a_kind_that_nobody_brings_cannot_be_added_but_removed(ops: FlaskClient, world: World) -> None:
    assert ops.get(f"{PAGE}/sources/new?kind=telegram").status_code == 404
    assert post(ops, f"{PAGE}/sources/new", page=PAGE, kind="telegram", name="X").status_code == 404
    with world.database.begin() as connection:
        sources.add(connection, "telegram", "Old", TOPIC)
    page = text(ops, f"{PAGE}/sources/1")
    assert "No plug-in brings this kind" in page and "/sources/1/remove" in page


def test_what_a_feed_brings_is_text_and_nothing_else(ops: FlaskClient, world: World) -> None:
    with world.database.begin() as connection:
        desk = Desk(connection)
        bad = entry("bad", title=HOSTILE, author=HOSTILE, section="s", published_at=utc_now() - HOUR)
        desk.found(bad, entry("js", url="javascript:alert(1)", published_at=utc_now() - HOUR), at=utc_now())
        sources.failed(connection, desk.source, HOSTILE, utc_now() - DAY)
        connection.execute(sa.update(candidate).values(summary=HOSTILE))
    page = text(ops, PAGE)
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "javascript:" not in page
