"""A help centre as a target, against the simulated one: what readers see, and when."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.zendesk import knowledge_source, knowledge_target
from adapters.zendesk.desk import ZendeskDesk
from adapters.zendesk.guide.source import GuideSource
from adapters.zendesk.guide.target import GuideTarget
from adapters.zendesk.settings import Settings
from deskside.demo.zendesk import SimulatedZendesk
from deskside.errors import Gone, TargetRefuses, Transient, UnknownOutcome
from deskside.guard import AddressGuard
from deskside.markup.symbols import asset_link
from deskside.model.article import Filing, Text
from deskside.ports import CheckResult, Surface
from tests.adapters.zendesk.conftest import MemoryBindings

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


class World:
    """An account with one section, and what Deskside makes of it."""

    def __init__(self, zendesk: SimulatedZendesk) -> None:
        self.zendesk = zendesk
        zendesk.enable_locale("ru")
        self.category_id = zendesk.add_category("Billing")
        self.section_id = zendesk.add_section(self.category_id, "Invoices")
        self.filing = Filing(str(self.section_id), labels=("billing",))
        settings = Settings(url=zendesk.url, client_id=zendesk.client_id, client_secret=zendesk.client_secret)
        desk = ZendeskDesk(settings, MemoryBindings())
        self.surface = Surface({"zendesk": desk}, AddressGuard(), sa.create_engine("sqlite://"))

    def target(self, **section: Any) -> GuideTarget:
        loaded = knowledge_target.schema().load(section)
        return knowledge_target.build("guide", loaded, self.surface)

    def source(self, **section: Any) -> GuideSource:
        loaded = knowledge_source.schema().load(section)
        return knowledge_source.build("help", loaded, self.surface)

    def writes(self) -> list[tuple[str, str, Any]]:
        """What was sent to change something, in order."""
        return [(seen.method, seen.path, seen.body) for seen in self.zendesk.requests if seen.method != "GET"]


@pytest.fixture
def world() -> Iterator[World]:
    with SimulatedZendesk() as zendesk:
        yield World(zendesk)


@pytest.fixture
def target(world: World) -> GuideTarget:  # type: ignore[misc]
    return world.target()


def test_an_article_is_hidden_until_it_is_shown_and_lives_to_be_archived(world: World, target: GuideTarget) -> None:
    zendesk = world.zendesk

    article_id = target.create("m1", world.filing, Text("en-us", "Pay an invoice", ""))
    number = int(article_id)
    assert not zendesk.visible(number)
    upload = target.upload("How to pay.png", "image/png", PNG)
    html = f'<h2>Pay</h2><p>Like <a href="{target.url(article_id, "en-us")}">this</a>: <img src="{upload.url}"></p>'
    target.write_text(article_id, Text("en-us", "Pay an invoice", html, draft=True))
    assert not zendesk.visible(number)
    target.file(article_id, "m1", Filing(world.filing.section, ("billing", "money"), ("billing",), position=3))
    assert not zendesk.visible(number)

    target.write_text(article_id, Text("en-us", "Pay an invoice", html))
    target.write_text(article_id, Text("ru", "Оплата", "<p>Так.</p>", draft=True))
    assert zendesk.visible(number) and not zendesk.visible(number, "ru")

    article = target.read(article_id)
    assert article.texts["en-us"].html == html
    assert (article.texts["ru"].title, article.texts["ru"].draft) == ("Оплата", True)
    assert (article.section, article.position, article.public) == (world.filing.section, 3, True)
    assert (set(article.labels), article.marker) == ({"billing", "money"}, "m1")
    assert list(target.listing()) == [article]
    assert "/hc/article_attachments/" in zendesk.shown(number)

    target.write_text(article_id, Text("en-us", "Pay an invoice", html, draft=True))
    assert not zendesk.visible(number)
    target.archive(article_id)
    target.archive(article_id)
    with pytest.raises(Gone):
        target.read(article_id)
    assert target.redirect(article_id, target.url("99", "en-us"))
    assert {row.source for row in zendesk.guide.redirects.values()} == {
        f"/hc/en-us/articles/{article_id}", f"/hc/ru/articles/{article_id}"
    }  # fmt: skip
    assert not zendesk.guide_mails


def test_nothing_unsafe_is_stored_whoever_made_the_text(world: World, target: GuideTarget) -> None:
    unsafe = (
        '<p onclick="x()">a<script>x()</script><a href="javascript:x()">b</a></p><iframe src="//evil.example"></iframe>'
    )
    article_id = target.create("m1", world.filing, Text("en-us", "Pay", unsafe))
    for write in (lambda: None, lambda: target.write_text(article_id, Text("en-us", "Pay", unsafe))):
        write()
        stored = world.zendesk.article(int(article_id))["body"]
        assert not any(word in stored for word in ("script", "onclick", "iframe"))


def test_a_move_to_another_section_keeps_the_article(world: World, target: GuideTarget) -> None:
    article_id = target.create("m1", world.filing, Text("en-us", "Pay", "<p>a</p>"))
    target.write_text(article_id, Text("en-us", "Pay", "<p>a</p>"))
    section = target.create_section(("Billing", "Invoices", "Paid"), "en-us")
    target.file(article_id, "m1", Filing(section, ("billing",), ("billing",)))
    assert world.zendesk.place(int(article_id)) == ["Billing", "Invoices", "Paid"]
    assert world.zendesk.visible(int(article_id))
    assert target.sections()["Billing", "Invoices", "Paid"] == section


def test_who_may_read_is_a_segment_or_everybody(world: World, target: GuideTarget) -> None:
    segment = world.zendesk.add_segment("Partners")
    article_id = target.create("m1", Filing(world.filing.section, segment="Partners"), Text("en-us", "Pay", ""))
    target.write_text(article_id, Text("en-us", "Pay", "<p>a</p>"))
    article = target.read(article_id)
    assert (article.segment, article.public) == (str(segment), False)
    assert not world.zendesk.visible(int(article_id))
    target.file(article_id, "m1", world.filing)
    assert target.read(article_id).public and world.zendesk.visible(int(article_id))


def test_two_brands_have_help_centres_of_their_own(world: World, target: GuideTarget) -> None:
    zendesk = world.zendesk
    brand = zendesk.add_brand("Shop", "shop", ["en-us", "ja"])
    shop = world.target(brand=zendesk.brand_url(brand))
    section = shop.create_section(("Orders", "Delivery"), "ja")
    there = shop.create("m1", Filing(section), Text("ja", "配送", ""))
    here = target.create("m1", world.filing, Text("en-us", "Pay", ""))
    assert (shop.find("m1"), target.find("m1")) == (there, here)
    assert [article.id for article in shop.listing()] == [there]
    assert [article.id for article in target.listing()] == [here]
    assert shop.url(there, "ja").startswith(zendesk.brand_url(brand) + "/hc/ja/articles/")
    assert all(result.ok for result in shop.preflight(["ja"]))
    with pytest.raises(Gone):
        target.read(there)
    with pytest.raises(Gone):
        target.create("m2", Filing(section), Text("en-us", "Delivery", ""))


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_after_an_unknown_outcome_the_marker_tells_what_was_made(world: World, target: GuideTarget, kind: str) -> None:
    world.zendesk.faults.next(kind, method="POST", path="*/articles")
    with pytest.raises(UnknownOutcome):
        target.create("m1", world.filing, Text("en-us", "Pay", "<p>a</p>"))
    killed = world.target()
    found = killed.find("m1")
    assert (found is not None) == (kind == "drop_after")
    article_id = found or killed.create("m1", world.filing, Text("en-us", "Pay", "<p>a</p>"))
    assert [row["id"] for row in world.zendesk.articles()] == [int(article_id)]
    assert not world.zendesk.visible(int(article_id))
    assert world.target().find("m1") == article_id
    assert world.target().find("m2") is None


def test_a_file_whose_making_was_not_answered_is_taken_once(world: World, target: GuideTarget) -> None:
    world.zendesk.faults.next("drop_after", method="POST", path="/guide/medias")
    upload = target.upload("Снимок экрана.png", "application/octet-stream", PNG)
    (media,) = world.zendesk.guide.medias.values()
    digest = hashlib.sha256(PNG).hexdigest()[:12]
    assert (media.id, media.url, media.name) == (upload.reference, upload.url, f"file-{digest}.png")
    assert (media.content_type, media.data) == ("image/png", PNG)


def test_a_hand_edit_moves_edited_at_and_a_vote_or_a_label_does_not(world: World, target: GuideTarget) -> None:
    article_id = target.create("m1", world.filing, Text("en-us", "Pay", ""))
    target.write_text(article_id, Text("en-us", "Pay", "<p>a</p>"))

    def edited_at() -> str:
        (article,) = target.listing()
        return article.texts["en-us"].edited_at

    before = edited_at()
    world.zendesk.vote(int(article_id))
    world.zendesk.label_article(int(article_id), "deskside-m1", "theirs")
    target.write_text(article_id, Text("en-us", "Pay", "<p>a</p>"))
    assert edited_at() == before
    world.zendesk.edit_article(int(article_id), body="<p>b</p>")
    assert edited_at() > before
    target.file(article_id, "m1", Filing(world.filing.section, ("new",), ("billing",)))
    assert set(target.read(article_id).labels) == {"theirs", "new"}


@pytest.mark.parametrize("rewriting", ["mild", "heavy"])
def test_the_marker_in_the_body_leaves_with_the_text_however_guide_prints_it(
    world: World, target: GuideTarget, rewriting: str
) -> None:
    world.zendesk.guide.rewriting = rewriting  # type: ignore[assignment]
    article_id = target.create("m1", world.filing, Text("en-us", "Pay", ""))
    article = target.read(article_id)
    assert (article.marker, article.texts["en-us"].html) == ("m1", "")


def test_an_article_with_content_blocks_is_left_alone_where_people_say_so(world: World, target: GuideTarget) -> None:
    article_id = world.zendesk.add_article(world.section_id, "Theirs", "<p>a</p>", labels=["no-sync"])
    world.zendesk.insert_block(article_id, world.zendesk.add_content_block("<p>shared</p>"))
    assert "no-sync" in target.read(str(article_id)).locked
    assert not world.target(hands_off="").read(str(article_id)).locked


def test_a_storm_of_429_costs_a_write_nothing_but_time(world: World, target: GuideTarget) -> None:
    article_id = target.create("m1", world.filing, Text("en-us", "Pay", ""))
    world.zendesk.faults.next("too_many_requests", count=3, retry_after=9)
    for _ in range(3):
        with pytest.raises(Transient) as raised:
            target.write_text(article_id, Text("en-us", "Pay", "<p>b</p>"))
        assert (raised.value.retry_after, isinstance(raised.value, UnknownOutcome)) == (9.0, False)
    target.write_text(article_id, Text("en-us", "Pay", "<p>b</p>"))
    assert target.read(article_id).texts["en-us"].html == "<p>b</p>"


def test_no_more_than_six_tenths_of_the_minute_are_used(world: World, target: GuideTarget) -> None:
    world.zendesk.limits.guide = 20
    with pytest.raises(Transient, match="of 20 Zendesk requests are left"):
        for _ in range(20):
            target.sections()
    assert target.requests == 13


@pytest.mark.parametrize(
    "fault",
    [{"kind": "unauthorized", "count": 9}, {"kind": "forbidden"}, {"kind": "forbidden", "path": "*/translations/*"}],
)
def test_a_refusal_stops_the_target(world: World, target: GuideTarget, fault: dict[str, Any]) -> None:
    article_id = target.create("m1", world.filing, Text("en-us", "Pay", ""))
    world.zendesk.faults.next(**fault)
    with pytest.raises(TargetRefuses):
        target.write_text(article_id, Text("en-us", "Pay", "<p>b</p>"))


def failed(results: Any) -> dict[str, CheckResult]:
    return {result.name: result for result in results if not result.ok}


def test_what_the_configuration_names_is_proved_to_be_there(world: World, target: GuideTarget) -> None:
    assert not failed(target.preflight(["en-us", "ru"]))
    assert "ja" in failed(target.preflight(["ja"]))["guide help centre"].message
    wrong = failed(world.target(segment="Partner", permission_group="Nobody").preflight(["en-us"]))
    assert set(wrong) == {"guide segment", "guide permission group"}
    assert all(result.cure for result in wrong.values())
    assert not any(method == "POST" and "oauth" not in path for method, path, _ in world.writes())


def test_an_owner_who_is_no_guide_admin_is_told_what_is_missing(world: World, target: GuideTarget) -> None:
    world.zendesk.guide.guide_admin = False
    results = {result.name: result for result in target.preflight(["en-us"])}
    assert "admin" in results["guide permission group"].cure
    assert results["guide redirects"].ok and "none can be set" in results["guide redirects"].message
    group = str(next(iter(world.zendesk.guide.permission_groups)))
    numbered = world.target(permission_group=group)
    assert not failed(numbered.preflight(["en-us"]))
    article_id = numbered.create("m1", world.filing, Text("en-us", "Pay", ""))
    assert not numbered.redirect(article_id, "/hc/en-us")


def test_a_token_that_may_only_read_is_told_before_the_first_write(world: World) -> None:
    url, secret = world.zendesk.url, world.zendesk.client_secret
    world.zendesk.world.client.scopes = ("hc:read",)
    own = {"url": url, "client_id": world.zendesk.client_id, "client_secret": secret}
    assert "guide rights" in failed(world.target(**own).preflight(["en-us"]))
    assert [result.ok for result in world.source(**own).check()] == [True]


def test_what_we_published_is_no_document_of_the_same_help_centre(world: World, target: GuideTarget) -> None:
    ours = target.create("m1", world.filing, Text("en-us", "Ours", "<p>a</p>"))
    target.write_text(ours, Text("en-us", "Ours", "<p>a</p>"))
    theirs = world.zendesk.add_article(world.section_id, "Theirs", f'<p><a href="/hc/en-us/articles/{ours}">x</a></p>')
    source = world.source()
    listing = source.listing()
    assert [item.id for item in listing.documents] == [str(theirs)]
    assert source.changes(listing.watermark).documents == listing.documents
    (document,) = source.read(str(theirs))
    assert (document.path, f"doc:{ours}" in document.html) == (("Billing", "Invoices"), True)
    with pytest.raises(Gone):
        source.read(ours)


@pytest.mark.parametrize("rewriting", ["none", "heavy"])
def test_the_files_of_a_help_centre_are_copied_into_another(world: World, rewriting: str) -> None:
    """Published by one, read by its neighbour's eyes, published there: the picture arrives as it was."""
    world.zendesk.guide.rewriting = rewriting  # type: ignore[assignment]
    brand = world.zendesk.add_brand("Old help", "old")
    old = world.target(brand=world.zendesk.brand_url(brand))
    upload = old.upload("Menu.png", "image/png", PNG)
    section = old.create_section(("Menus", "All"), "en-us")
    article_id = world.zendesk.add_article(int(section), "Menus", f'<p><img src="{upload.url}" alt="menu"></p>')
    source = world.source(brand=world.zendesk.brand_url(brand))
    (document,) = source.read(str(article_id))
    (asset,) = document.assets
    assert asset_link(asset.ref) in document.html
    assert source.fetch(asset) == PNG
    with pytest.raises(Gone):
        source.fetch(replace(asset, ref="/guide-media/01AAAAAAAAAAAAAAAAAAAAAAAA"))


@pytest.mark.parametrize("kind", ["forbidden", "unauthorized", "empty_page"])
def test_a_source_that_refuses_or_breaks_off_is_never_empty(world: World, kind: str) -> None:
    world.zendesk.add_article(world.section_id, "Theirs", "<p>a</p>")
    world.zendesk.faults.next(kind, path="/help_center/articles", count=9)
    with pytest.raises(Exception) as raised:
        world.source().listing()
    assert not isinstance(raised.value, AssertionError)
