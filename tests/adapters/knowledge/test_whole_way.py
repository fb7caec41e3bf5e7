"""What a documentation lead does, from the first article to the last."""

from dataclasses import replace
from datetime import timedelta

from adapters.knowledge.settings import Route
from deskside.knowledge.decisions import DETACH, KEEP, RESTORE
from tests.adapters.knowledge.world import ROUTES, World


def two(world: World) -> None:
    world.shop.write("a", "First steps", '<h2>Begin</h2><p>See <a href="doc:b">the rest</a>.</p>')
    world.shop.write("b", "The rest", '<p>Back to <a href="doc:a#begin">the beginning</a>.</p>')


def test_articles_that_link_to_each_other_are_made_shown_and_then_nothing_is_left(world_on_both: World) -> None:
    world = world_on_both
    two(world)
    assert world.kinds() == {"create": 2}
    assert world.shop.articles() == {}
    world.settled()
    first, rest = world.shop.article("First steps"), world.shop.article("The rest")
    assert f'href="https://guide.example.com/hc/en/articles/{rest["id"]}"' in world.shown()["First steps"]
    assert f'articles/{first["id"]}#begin"' in world.shown()["The rest"]
    assert first["section"] == rest["section"]


def test_a_second_run_asks_only_for_the_listing_and_reads_nothing(world: World) -> None:
    two(world)
    world.settled()
    world.shop.clear_log()
    assert world.kinds() == {}
    assert world.shop.log() == [
        ("handbook", "list", ""),
        ("guide", "list articles", ""),
        ("billing", "list articles", ""),
    ]


def test_what_changed_is_updated_and_keeps_its_id(world: World) -> None:
    two(world)
    world.settled()
    before = world.shop.article("The rest")["id"]
    world.shop.write("b", "The rest of it", "<p>New.</p>")
    assert world.kinds() == {"update": 1}
    world.settled()
    assert world.shop.article("The rest of it")["id"] == before


def test_a_hand_edit_is_drift_and_a_person_can_restore_it(world: World) -> None:
    two(world)
    world.settled()
    article = world.shop.article("The rest")["id"]
    world.shop.edit(article, "<p>By hand.</p>")
    assert world.kinds() == {"drift": 1}
    assert world.apply().results == {}
    world.decide("drift", RESTORE)
    assert world.kinds() == {"restore": 1}
    world.settled()
    assert "Back to" in world.shown()["The rest"]


def test_what_a_person_keeps_is_no_drift_until_one_side_changes_again(world: World) -> None:
    two(world)
    world.settled()
    article = world.shop.article("The rest")["id"]
    world.shop.edit(article, "<p>By hand.</p>")
    world.decide("drift", KEEP)
    assert world.kinds() == {}
    world.shop.write("b", "The rest", "<p>The source goes on.</p>")
    assert world.kinds() == {"conflict": 1}
    assert world.shown()["The rest"] == "<p>By hand.</p>"
    world.decide("conflict", RESTORE)
    world.settled()
    assert world.shown()["The rest"] == "<p>The source goes on.</p>"


def test_a_decision_is_not_good_for_a_text_that_nobody_saw(world: World) -> None:
    two(world)
    world.settled()
    article = world.shop.article("The rest")["id"]
    world.shop.edit(article, "<p>By hand.</p>")
    world.decide("drift", RESTORE)
    world.shop.edit(article, "<p>By another hand.</p>")
    assert world.kinds() == {"drift": 1}
    assert world.shown()["The rest"] == "<p>By another hand.</p>"


def test_a_detached_article_is_left_alone(world: World) -> None:
    two(world)
    world.settled()
    world.shop.edit(world.shop.article("The rest")["id"], "<p>By hand.</p>")
    world.decide("drift", DETACH)
    world.shop.write("b", "The rest", "<p>The source goes on.</p>")
    assert world.kinds() == {}


def test_changes_on_both_sides_are_a_conflict_unless_they_mean_the_same(world: World) -> None:
    two(world)
    world.settled()
    article = world.shop.article("The rest")["id"]
    world.shop.write("b", "The rest", "<p>From the source.</p>")
    world.shop.edit(article, "<p>By hand.</p>")
    assert world.kinds() == {"conflict": 1}
    world.shop.edit(article, "<p>From   the source.</p>")
    assert world.kinds() == {}


def test_a_rename_keeps_the_article_and_a_move_keeps_it_too(world: World) -> None:
    two(world)
    world.set(routes=(Route(target="guide", section=("Help", "Old"), label="old"), *ROUTES))
    world.shop.write("c", "Cats", "<p>Cats.</p>", labels=["old"])
    world.settled()
    before = world.shop.article("Cats")
    world.shop.write("c", "Cats and dogs", "<p>Cats.</p>", labels=["new"])
    assert world.kinds() == {"update": 1, "file": 1}
    world.settled()
    after = world.shop.article("Cats and dogs")
    assert (after["id"], after["labels"]) == (before["id"], ["new"])
    assert after["section"] != before["section"]


def test_what_is_deleted_at_the_source_is_archived(world: World) -> None:
    two(world)
    world.shop.write("c", "Cats", "<p>Cats.</p>")
    world.shop.write("d", "Dogs", "<p>Dogs.</p>")
    world.settled()
    world.shop.erase("b")
    assert world.kinds() == {"archive": 1, "update": 1}
    world.settled()
    assert "The rest" not in world.shown()
    # The link to it became text, and comes back with it.
    assert "href" not in world.shown()["First steps"]
    world.shop.write("b", "The rest", "<p>Again.</p>")
    assert world.kinds() == {"create": 1, "update": 1}
    world.settled()
    assert world.shop.article("The rest")["id"] in world.shown()["First steps"]


def test_an_article_that_is_made_anew_takes_the_readers_of_the_old_one(world: World) -> None:
    two(world)
    for name in "cdefg":
        world.shop.write(name, name, "<p>.</p>")
    world.settled()
    old = world.shop.article("The rest")["id"]
    world.shop.erase("b")
    world.settled()
    world.shop.write("b", "The rest", "<p>Again.</p>")
    world.settled()
    new = world.shop.article("The rest")["id"]
    assert world.shop.all("redirect") == {old: f"https://guide.example.com/hc/en/articles/{new}"}


def test_what_a_person_removed_is_reported_and_never_made_again(world: World) -> None:
    two(world)
    world.settled()
    article = world.shop.article("The rest")["id"]
    world.shop.change(article, archived=True)
    assert world.kinds() == {"update": 1, "removed": 1}
    world.apply()
    world.shop.write("b", "The rest", "<p>The source goes on.</p>")
    assert world.kinds() == {"removed": 1}
    assert len(world.shop.articles()) == 1
    # Brought back by hand it is ours again.
    world.shop.change(article, archived=False)
    assert world.kinds() == {"update": 2}
    world.settled()
    assert world.shop.article("The rest")["id"] == article


def test_moving_to_another_target_makes_it_there_and_sends_its_readers_after_it(world: World) -> None:
    world.set(routes=(Route(target="billing", section=("Money",), label="money"), *ROUTES[:0]))
    world.set(routes=(*world.publishing.settings.routes, Route(target="guide", section=("Help",), label="help")))
    world.shop.write("c", "Cards", "<p>Cards.</p>", labels=["help"])
    world.settled()
    old = world.shop.article("Cards")["id"]
    world.shop.write("c", "Cards", "<p>Cards.</p>", labels=["money"])
    assert world.kinds() == {"create": 1, "archive": 1}
    world.settled()
    new = world.shop.article("Cards")
    assert new["target"] == "billing"
    assert world.shop.all("redirect") == {old: f"https://billing.example.com/hc/en/articles/{new['id']}"}


def test_what_no_route_names_any_more_is_hidden_and_comes_back_with_its_address(world: World) -> None:
    world.set(routes=(Route(target="guide", section=("Help",), label="public"),))
    world.shop.write("c", "Cards", "<p>Cards.</p>", labels=["public"])
    world.settled()
    before = world.shop.article("Cards")["id"]
    world.shop.write("c", "Cards", "<p>Cards.</p>", labels=[])
    assert world.kinds() == {"unpublish": 1, "unrouted": 1}
    world.settled()
    assert world.shown() == {}
    world.shop.write("c", "Cards", "<p>Cards.</p>", labels=["public"])
    assert world.kinds() == {"update": 1}
    world.settled()
    assert world.shop.article("Cards")["id"] == before
    assert world.shown() == {"Cards": "<p>Cards.</p>"}


def test_translations_wait_for_their_source_and_are_marked_when_it_changes_alone(world: World) -> None:
    for language, title in (("en", "Cards"), ("de", "Karten")):
        world.shop.write("c", title, f"<p>{title}.</p>", language=language, source_language="en")
    world.settled()
    world.shop.write("c", "Cards", "<p>More cards.</p>", source_language="en")
    assert world.kinds() == {"update": 1, "outdated": 1}
    world.settled()
    texts = world.shop.article("Cards")["texts"]
    assert (texts["en"]["outdated"], texts["de"]["outdated"]) == (False, True)
    world.shop.write("c", "Karten", "<p>Mehr Karten.</p>", language="de", source_language="en")
    world.settled()
    assert world.shop.article("Cards")["texts"]["de"]["outdated"] is False


def test_files_are_given_once_whatever_number_of_texts_shows_them(world: World) -> None:
    world.shop.attach("one.png", b"picture")
    world.shop.attach("two.png", b"picture")
    for name in ("one", "two"):
        asset = {"ref": f"{name}.png", "filename": f"Скрин {name}.png", "content_type": "image/png"}
        world.shop.write(name, name, f'<p><img src="asset:{name}.png" alt="x"></p>', assets=[asset])
    world.settled()
    assert len(world.shop.all("upload")) == 1
    assert {html.count("/files/guide/") for html in world.shown().values()} == {1}


def test_restoring_by_itself_is_a_policy(world: World) -> None:
    two(world)
    world.settled()
    world.set(drift="restore")
    world.shop.edit(world.shop.article("The rest")["id"], "<p>By hand.</p>")
    assert world.kinds() == {"restore": 1}
    world.settled()
    assert "Back to" in world.shown()["The rest"]


def test_paused_articles_wait_with_all_their_updates(world: World) -> None:
    for language, title in (("en", "Cards"), ("de", "Karten")):
        world.shop.write("c", title, f"<p>{title}.</p>", language=language, source_language="en")
    world.settled()
    world.set(drift="pause")
    world.shop.edit(world.shop.article("Cards")["id"], "<p>By hand.</p>")
    world.shop.write("c", "Karten", "<p>Mehr.</p>", language="de", source_language="en")
    assert world.kinds() == {"drift": 1, "held": 1}


def test_a_person_who_moves_or_hides_an_article_is_asked(world: World) -> None:
    two(world)
    world.settled()
    section = world.guide.create_section(("Other",), "en")
    article = world.shop.article("The rest")["id"]
    world.shop.change(article, section=section)
    assert world.kinds() == {"drift": 1}
    world.decide("drift", RESTORE)
    world.settled()
    assert world.shop.article("The rest")["section"] != section
    world.shop.edit(article, world.shown()["The rest"], draft=True)
    assert world.kinds() == {"drift": 1}
    world.decide("drift", KEEP)
    assert world.kinds() == {}


def test_an_article_that_a_person_closed_is_never_opened_unasked(world: World) -> None:
    two(world)
    world.settled()
    article = world.shop.article("The rest")["id"]
    world.shop.change(article, segment="staff")
    assert world.kinds() == {"drift": 1}
    # Nor by what else is to be changed of where it stands.
    world.set(routes=(Route(target="guide", section=("Help", "Start"), labels=("new",)),))
    world.apply()
    assert world.shop.article("The rest")["segment"] == "staff"
    world.decide("conflict", RESTORE)
    world.settled()
    assert world.shop.article("The rest")["segment"] == ""


def test_an_article_closed_between_plan_and_apply_stays_closed(world: World) -> None:
    two(world)
    world.settled()
    world.set(routes=(Route(target="guide", section=("Help", "Start"), labels=("new",)),))
    plan = world.plan()
    article = world.shop.article("The rest")["id"]
    world.shop.change(article, segment="staff")
    outcome = world.apply(plan)
    assert outcome.counts["skipped"] == 1
    assert world.shop.article("The rest")["segment"] == "staff"


def test_a_grace_and_two_listings_go_before_an_archive(world: World) -> None:
    two(world)
    for name in "cdefg":
        world.shop.write(name, name, "<p>.</p>")
    world.settled()
    guard = world.publishing.settings.guard
    world.set(guard=replace(guard, listings=2, grace=timedelta(hours=24)))
    world.shop.erase("g")
    assert [item.reason for item in world.plan().actions] == [
        "it is gone at its source; it was missing in 1 of 2 complete listings"
    ]
    assert [item.reason for item in world.plan().actions] == [
        "it is gone at its source; it has been missing for less than 24 h"
    ]
    world.set(guard=replace(guard, listings=2))
    assert world.kinds() == {"archive": 1}
