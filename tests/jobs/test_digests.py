"""Digests in a worker: a real feed on loopback, through to a campaign, on each database."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from adapters.feeds import plugin
from deskside.errors import Permanent
from deskside.fetching import Fetcher
from deskside.guard import AddressGuard
from deskside.model.digest import Found
from deskside.ports import Environment
from deskside.store.database import Row, reading, utc_now
from deskside.store.push_tables import campaign, candidate, digest, digest_source, poll
from jobs.digests import look_at_soon, send_soon
from jobs.parts import Digesting
from push.digests import candidates, options, sources
from push.digests.settings import DigestSchema
from push.polls import polls
from push.polls.polls import Option, Question
from tests.jobs.desk import Bench, jobs_in
from tests.push.digests.stories import LINKS, run_campaign
from tests.web import Answer, Web

SETTINGS = {"min_votes": 0, "min_age_minutes": 0, "schedule": "00:00", "by_rule_minutes": 60}


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def digests(bench: Bench) -> Bench:
    guard = AddressGuard(allow=["127.0.0.0/8"])
    digesting = Digesting(
        settings=DigestSchema().load(SETTINGS),
        zone=ZoneInfo("UTC"),
        sources={"feed": plugin.build(Environment({}, guard))},
        fetcher=Fetcher(guard),
        links=LINKS,
        launch=run_campaign,
    )
    return replace(bench, context=replace(bench.context, digesting=digesting))


def feed(web: Web, *names: str) -> Answer:
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>News of {name}</title>"
        f"<link>{web.url}/{name}</link></item>"
        for name in names
    )
    return Answer(f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>')


def publish(web: Web, *names: str) -> None:
    """A feed with a public page for each name."""
    web.on("/feed", feed(web, *names))
    for name in names:
        web.on(f"/{name}", Answer(f"<title>News of {name}</title>", headers={"Content-Type": "text/html"}))


def add(bench: Bench, web: Web) -> int:
    with bench.database.begin() as connection:
        checked = options.check({"own": {"url": web.url + "/feed"}}, plugin.schema)
        return sources.add(connection, "feed", "Blog", checked)


def look(bench: Bench) -> None:
    """What an hour's look leads to."""
    bench.forget_jobs()
    bench.run("digests.look")
    for args in bench.queued("digests.look_at"):
        bench.run("digests.look_at", **args)
    bench.run("digests.prove")


def rows(bench: Bench, table: sa.Table) -> list[Row]:
    with reading(bench.database) as connection:
        return list(connection.execute(table.select().order_by(table.c.id)))


def later(bench: Bench, by: timedelta) -> None:
    """Let this much time pass for the last draft."""
    with bench.database.begin() as connection:
        connection.execute(digest.update().values(made_at=utc_now() - by))


def test_from_a_feed_to_a_campaign(digests: Bench, web: Web) -> None:
    publish(web, "old")
    add(digests, web)
    look(digests)
    digests.run("digests.draft")
    assert [row.state for row in rows(digests, digest)] == ["skipped"]
    later(digests, timedelta(days=1))
    publish(web, "a", "b", "c", "old")
    look(digests)
    assert {row.title: (row.state, row.public) for row in rows(digests, candidate)} == {
        "News of old": ("old", False),
        **{f"News of {name}": ("new", True) for name in "abc"},
    }
    digests.run("digests.draft")
    digests.run("digests.draft")
    assert [row.state for row in rows(digests, digest)] == ["skipped", "draft"]
    assert rows(digests, campaign) == []
    with digests.database.begin() as connection:
        connection.execute(
            digest.update().where(digest.c.state == "draft").values(made_at=utc_now() - timedelta(hours=1))
        )
        # The day's draft is made, though this one looks older.
        connection.execute(digest.update().where(digest.c.state == "skipped").values(made_at=utc_now()))
    digests.run("digests.draft")
    (made,) = rows(digests, campaign)
    assert (made.kind, made.made_from, made.created_by) == ("digest", f"digest:{rows(digests, digest)[1].id}", "rule")
    digests.run("digests.draft")
    assert len(rows(digests, campaign)) == 1


def test_what_strangers_cannot_read_never_gets_in(digests: Bench, web: Web) -> None:
    publish(web)
    add(digests, web)
    look(digests)
    publish(web, "a", "b", "c", "secret", "moved")
    web.on("/secret", Answer("<title>Sign in</title>"))
    web.on("/moved", Answer(status=302, headers={"Location": "http://10.0.0.1/moved"}))
    look(digests)
    assert {row.title for row in rows(digests, candidate) if row.public} == {"News of a", "News of b", "News of c"}
    # And what was hidden since is left out of the draft.
    web.on("/b", Answer("gone", 404))
    digests.run("digests.draft")
    assert [row.state for row in rows(digests, digest)] == ["skipped"]
    assert {row.title for row in rows(digests, candidate) if row.public} == {"News of a", "News of c"}


def test_a_page_that_did_not_answer_is_tried_again(digests: Bench, web: Web) -> None:
    publish(web)
    add(digests, web)
    look(digests)
    publish(web, "a")
    web.on("/a", Answer("sorry", 503), Answer("<title>News of a</title>"))
    look(digests)
    assert not rows(digests, candidate)[0].public
    look(digests)
    assert rows(digests, candidate)[0].public


def test_a_source_in_trouble_says_so_and_does_not_hold_up_the_others(digests: Bench, web: Web) -> None:
    publish(web)
    add(digests, web)
    with digests.database.begin() as connection:
        sources.add(connection, "feed", "Broken", options.check({"own": {"url": web.url + "/none"}}, plugin.schema))
        sources.add(connection, "gone", "Gone", {"own": {}})
        off = sources.add(connection, "feed", "Off", {"own": {"url": web.url + "/off"}})
        sources.change(connection, off, {"own": {"url": web.url + "/off"}}, active=False)
    look(digests)
    told = {row.name: row.error for row in rows(digests, digest_source)}
    assert told == {
        "Blog": "", "Broken": "127.0.0.1 answers 404", "Gone": "no plug-in brings the kind 'gone' any more", "Off": "",
    }  # fmt: skip


def test_a_worker_that_dies_before_the_end_finds_the_same_things_new(digests: Bench, web: Web) -> None:
    publish(web)
    source_id = add(digests, web)
    look(digests)
    publish(web, "a")

    class Dying:
        def look(self, given: Mapping[str, Any], cursor: str) -> Found:
            raise KeyboardInterrupt

    assert digests.context.digesting is not None
    dying = replace(digests.context, digesting=replace(digests.context.digesting, sources={"feed": Dying()}))
    with pytest.raises(KeyboardInterrupt):
        replace(digests, context=dying).run("digests.look_at", source_id=source_id)
    assert rows(digests, candidate) == []
    digests.run("digests.look_at", source_id=source_id)
    digests.run("digests.look_at", source_id=source_id)
    assert len(rows(digests, candidate)) == 1


def test_a_person_sends_what_is_left_and_hears_why_when_nothing_is(digests: Bench, web: Web) -> None:
    publish(web)
    add(digests, web)
    look(digests)
    publish(web, "a", "b", "c")
    look(digests)
    digests.run("digests.draft")
    (draft,) = rows(digests, digest)
    web.on("/b", Answer("gone", 404))
    digests.run("digests.send", digest_id=draft.id, by="olga")
    (made,) = rows(digests, campaign)
    assert made.created_by == "olga"
    assert len(rows(digests, digest)[0].items) == 2
    with pytest.raises(Permanent, match="no draft any more"):
        digests.run("digests.send", digest_id=draft.id, by="boris")


def test_what_a_person_asks_for_is_done_by_a_worker(digests: Bench, web: Web) -> None:
    publish(web)
    source = add(digests, web)
    with digests.database.begin() as connection:
        assert look_at_soon(digests.context, connection, source)
        assert send_soon(digests.context, connection, 7, "olga")
    assert jobs_in(digests.database) == [
        ("digests.look_at", {"source_id": source}),
        ("digests.send", {"digest_id": 7, "by": "olga"}),
    ]
    off = replace(digests.context, digesting=None)
    with digests.database.begin() as connection:
        assert not look_at_soon(off, connection, source) and not send_soon(off, connection, 7, "olga")


def test_the_rule_skips_a_draft_of_which_too_little_is_left(digests: Bench, web: Web) -> None:
    publish(web)
    add(digests, web)
    look(digests)
    publish(web, "a", "b", "c")
    look(digests)
    digests.run("digests.draft")
    with digests.database.begin() as connection:
        candidates.veto(connection, rows(digests, candidate)[0].id, "boris")
        connection.execute(digest.update().values(made_at=utc_now() - timedelta(hours=2), made_by="olga"))
        connection.execute(
            digest.insert().values(
                state="skipped", token="t", cut_at=utc_now(), made_at=utc_now(), made_by="clock", items=[]
            )
        )
    digests.run("digests.draft")
    first = rows(digests, digest)[0]
    assert first.state == "skipped"
    assert "too little is left" in first.reason


def test_polls_close_by_themselves(digests: Bench) -> None:
    now = utc_now()
    with digests.database.begin() as connection:
        asked = Question({"en": "?"}, [Option({"en": "a"}), Option({"en": "b"})])
        polls.create(connection, "p", asked, "olga", now - timedelta(days=1), now - timedelta(minutes=1))
    digests.run("digests.draft")
    assert [row.state for row in rows(digests, poll)] == ["closed"]


@pytest.mark.parametrize("task", ["digests.look", "digests.prove", "digests.draft"])
def test_without_push_nothing_is_done(bench: Bench, task: str) -> None:
    bench.run(task)
    assert bench.queued() == []
