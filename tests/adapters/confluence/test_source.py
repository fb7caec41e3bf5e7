"""Listings, changes and reads against a wiki that misbehaves as real ones were seen to."""

import json

import pytest

from adapters.confluence.source import ConfluenceSource
from deskside.errors import Gone, Permanent, TargetRefuses, Transient
from deskside.model.article import Listing
from tests.adapters.confluence.conftest import MakeSource
from tests.doubles.confluence.wiki import ME, TOKEN, Wiki


def ids(listing: Listing) -> set[str]:
    return {document.id for document in listing.documents}


def test_a_listing_has_every_current_page_and_no_other(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.space("SECRET")
    archived, trashed = wiki.page("DOC", "Old"), wiki.page("DOC", "Thrown away")
    wiki.pages[archived].status, wiki.pages[trashed].status = "archived", "trashed"
    found = source.listing()
    assert found.complete
    assert {wiki.pages[one].title for one in ids(found)} == {"DOC home", "Guide", "Install"}


def test_short_pages_and_cut_limits_are_not_the_end(wiki: Wiki, source: ConfluenceSource) -> None:
    for number in range(20):
        wiki.page("DOC", f"Page {number}")
    wiki.cap, wiki.short_pages = 4, True
    assert len(ids(source.listing())) == 23


def test_a_listing_that_goes_in_a_circle_is_refused(wiki: Wiki, connect: MakeSource) -> None:
    for number in range(9):
        wiki.page("DOC", f"Page {number}")
    wiki.cap, wiki.circling = 2, True
    with pytest.raises(Transient, match=r"repeats itself|in a circle"):
        connect().listing()


@pytest.mark.parametrize("call", ["listing", "changes"])
def test_an_ended_token_is_an_error_and_never_an_empty_listing(wiki: Wiki, source: ConfluenceSource, call: str) -> None:
    watermark = source.listing().watermark
    for end in ("token_ended", "stranger"):
        setattr(wiki, end, True)
        with pytest.raises(TargetRefuses):
            source.listing() if call == "listing" else source.changes(watermark)
        setattr(wiki, end, False)


def test_a_space_that_cannot_be_seen_any_more_is_an_error(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.lacking_spaces.add("DOC")
    with pytest.raises(TargetRefuses, match="space DOC"):
        source.listing()


def test_a_space_that_lists_nothing_but_has_a_home_page_is_an_error(wiki: Wiki, source: ConfluenceSource) -> None:
    for page in wiki.pages.values():
        page.readers = {"somebody else"}
    with pytest.raises(Transient, match="lists no page"):
        source.listing()


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, TargetRefuses), (403, TargetRefuses), (401, TargetRefuses), (500, Transient), (410, Permanent)],
)
def test_a_listing_that_fails_on_its_second_page_is_an_error(
    wiki: Wiki, source: ConfluenceSource, kind: str, status: int, error: type[Exception]
) -> None:
    for number in range(9):
        wiki.page("DOC", f"Page {number}")
    wiki.cap = 4
    wiki.fault("/content" if kind == "datacenter" else "/pages", status, skip=1, times=9)
    with pytest.raises(error):
        source.listing()


def test_an_answer_that_breaks_off_is_an_error(wiki: Wiki, source: ConfluenceSource, kind: str) -> None:
    wiki.fault("/content" if kind == "datacenter" else "/pages", 200, body='{"results": [', cut=True, times=9)
    with pytest.raises(Transient):
        source.listing()


def test_a_listing_without_results_is_not_an_empty_one(wiki: Wiki, source: ConfluenceSource, kind: str) -> None:
    wiki.fault("/content" if kind == "datacenter" else "/pages", 200, body='{"_links": {}}')
    with pytest.raises(Transient, match="without results"):
        source.listing()


@pytest.mark.parametrize(
    ("status", "headers", "body", "cut"),
    [
        (429, {"Retry_After": "1"}, "{}", False),
        (403, {}, "{}", False),
        (404, {}, "{}", False),
        (302, {"Location": "/login"}, "", False),
        (200, {}, "{}", False),
        (200, {}, '{"results": null}', False),
        (200, {}, "<html>Sign in</html>", False),
        (200, {}, '{"results": []}', True),
    ],
)
def test_whichever_request_fails_the_listing_is_whole_or_an_error(
    wiki: Wiki, source: ConfluenceSource, status: int, headers: dict[str, str], body: str, cut: bool
) -> None:
    for number in range(5):
        wiki.page("DOC", f"Page {number}")
    wiki.cap = 3
    whole = ids(source.listing())
    refused = 0
    for at in range(len(wiki.asked)):
        wiki.faults.clear()
        wiki.fault("/", status, skip=at, times=2, body=body, cut=cut, **headers)
        try:
            assert ids(source.listing()) == whole
        except (Permanent, Transient):
            refused += 1
    assert refused


def test_too_many_requests_are_tried_again_when_confluence_says(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.fault("/user/current", 429, Retry_After="17")
    with pytest.raises(Transient) as caught:
        source.listing()
    assert caught.value.retry_after == 17.0


def test_one_broken_answer_is_asked_for_again(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.fault("/user/current", 502)
    assert source.listing().complete


def test_changes_are_what_was_edited_since_by_confluences_own_clock(wiki: Wiki, source: ConfluenceSource) -> None:
    watermark = source.changes("").watermark
    wiki.later(days=30)
    install = next(page.id for page in wiki.pages.values() if page.title == "Install")
    wiki.edit(install, "<p>Other steps.</p>")
    found = source.changes(watermark)
    assert not found.complete
    assert {one.id: one.version for one in found.documents}[install].startswith("2.")
    assert json.loads(found.watermark) == {"DOC": "2026-12-01T12:00:00+00:00"}


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York"])
def test_no_edit_is_lost_to_minutes_and_zones_of_the_server(wiki: Wiki, connect: MakeSource, zone: str) -> None:
    wiki.zone = zone
    for kind in ("site", "datacenter"):
        source = connect(kind)
        watermark = source.listing().watermark
        wiki.later(seconds=1)
        page = wiki.page("DOC", f"Edited in {zone}, {kind}")
        found = source.changes(watermark)
        assert page in ids(found)


def test_a_time_that_the_servers_clocks_skipped_is_asked_an_hour_earlier(wiki: Wiki, connect: MakeSource) -> None:
    wiki.zone = "America/New_York"
    source = connect("datacenter")
    # 2:30 on 8 March 2026 does not exist in New York.
    found = source.changes(json.dumps({"DOC": "2026-03-09T02:30:00+00:00"}))
    assert len(ids(found)) == 3
    first, second = [asked.query["cql"] for asked in wiki.asked if "cql" in asked.query]
    assert '"2026-03-08 02:30"' in first
    assert '"2026-03-08 01:30"' in second


def test_the_cloud_is_not_read_on_past_what_is_older(wiki: Wiki, connect: MakeSource) -> None:
    for number in range(40):
        wiki.page("DOC", f"Page {number}")
    source = connect()
    watermark = source.listing().watermark
    wiki.later(days=1)
    wiki.edit(wiki.page("DOC", "New"))
    wiki.cap = 5
    before = source.requests
    found = source.changes(json.dumps({"DOC": wiki.now.isoformat()}))
    assert len(found.documents) == 1
    assert source.requests - before == 3
    assert ids(source.changes(watermark)) == set(wiki.pages)


def test_a_space_that_is_added_is_listed_whole(wiki: Wiki, connect: MakeSource, kind: str) -> None:
    watermark = connect(kind).listing().watermark
    other = wiki.space("OPS")
    wiki.later(days=300)
    wiki.edit(next(iter(wiki.pages)))
    found = connect(kind, spaces=("DOC", "OPS")).changes(watermark)
    assert other in ids(found)


def test_a_watermark_that_cannot_be_read_means_everything(source: ConfluenceSource) -> None:
    for broken in ("[]", "{", '{"DOC": 5}', '{"DOC": "2026-01-01"}'):
        assert source.changes(broken).complete


def test_a_page_that_was_moved_has_another_version(wiki: Wiki, source: ConfluenceSource) -> None:
    before = {one.id: one.version for one in source.listing().documents}
    install = next(page for page in wiki.pages.values() if page.title == "Install")
    install.parent = wiki.home("DOC")
    after = {one.id: one.version for one in source.listing().documents}
    assert {one for one in after if before[one] != after[one]} == {install.id}


def test_a_data_center_tells_of_labels_too(wiki: Wiki, connect: MakeSource) -> None:
    source = connect("datacenter")
    before = {one.id: one.version for one in source.listing().documents}
    install = next(page for page in wiki.pages.values() if page.title == "Install")
    install.labels = ["howto"]
    after = {one.id: one.version for one in source.listing().documents}
    assert {one for one in after if before[one] != after[one]} == {install.id}
    assert source.read(install.id)[0].version == after[install.id]


def test_a_page_is_read_with_all_that_is_around_it(wiki: Wiki, source: ConfluenceSource) -> None:
    install = next(page for page in wiki.pages.values() if page.title == "Install")
    install.labels = ["howto", "billing"]
    wiki.attach(install.id, "스크린샷.png", b"png")
    wiki.edit(install.id, '<p>See</p><ac:image><ri:attachment ri:filename="스크린샷.png"/></ac:image>')
    (document,) = source.read(install.id)
    assert (document.title, document.space, document.path) == ("Install", "DOC", ("Guide",))
    assert (document.language, document.labels) == ("en-us", ("howto", "billing"))
    assert document.names == ("DOC/Install", install.id)
    assert document.parent == install.parent
    assert document.modified_at == wiki.now
    assert {one.id: one.version for one in source.listing().documents}[install.id] == document.version
    (asset,) = document.assets
    assert asset.content_type == "image/png"
    assert source.fetch(asset) == b"png"


def test_a_new_version_of_a_file_has_another_reference(wiki: Wiki, source: ConfluenceSource) -> None:
    page = wiki.page("DOC", "Pictures", '<ac:image><ri:attachment ri:filename="a.png"/></ac:image>')
    wiki.attach(page, "a.png", b"one")
    source.listing()
    (before,) = source.read(page)[0].assets
    wiki.attach(page, "a.png", b"two")
    source.listing()
    (after,) = source.read(page)[0].assets
    assert before.ref != after.ref
    assert source.fetch(after) == b"two"


def test_files_elsewhere_are_fetched_without_the_token(wiki: Wiki, connect: MakeSource) -> None:
    page = wiki.page("DOC", "Pictures", '<ac:image><ri:attachment ri:filename="a.png"/></ac:image>')
    wiki.attach(page, "a.png", b"bytes")
    source = connect()
    (asset,) = source.read(page)[0].assets
    assert source.fetch(asset) == b"bytes"
    assert [asked.authorised for asked in wiki.asked if asked.path.startswith("/file/")] == [False]


@pytest.mark.parametrize(
    "place", ["https://evil.example/file", "https://media.atlassian.com.evil.example/x", "ftp://x/y"]
)
def test_files_on_other_hosts_are_not_fetched(wiki: Wiki, connect: MakeSource, place: str) -> None:
    page = wiki.page("DOC", "Pictures", '<ac:image><ri:attachment ri:filename="a.png"/></ac:image>')
    wiki.attach(page, "a.png", b"bytes")
    source = connect()
    (asset,) = source.read(page)[0].assets
    wiki.media = place
    with pytest.raises(Permanent, match="a host that is not asked"):
        source.fetch(asset)


def test_a_file_that_is_gone_is_gone(wiki: Wiki, connect: MakeSource) -> None:
    page = wiki.page("DOC", "Pictures", '<ac:image><ri:attachment ri:filename="a.png"/></ac:image>')
    wiki.attach(page, "a.png", b"bytes")
    source = connect()
    (asset,) = source.read(page)[0].assets
    wiki.pages[page].files.clear()
    with pytest.raises(Gone):
        source.fetch(asset)
    wiki.stranger = True
    with pytest.raises(TargetRefuses):
        source.fetch(asset)


@pytest.mark.parametrize("status", ["trashed", "archived"])
def test_a_page_in_the_trash_or_the_archive_is_gone(wiki: Wiki, source: ConfluenceSource, status: str) -> None:
    page = wiki.page("DOC", "Old")
    wiki.pages[page].status = status
    with pytest.raises(Gone):
        source.read(page)


def test_a_page_that_never_was_or_moved_to_another_space_is_gone(wiki: Wiki, source: ConfluenceSource) -> None:
    with pytest.raises(Gone):
        source.read("999999")
    page = wiki.page("DOC", "Moved")
    wiki.space("OPS")
    wiki.pages[page].space = "OPS"
    with pytest.raises(Gone, match="moved"):
        source.read(page)


def test_to_a_stranger_no_page_is_gone(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.stranger = True
    with pytest.raises(TargetRefuses):
        source.read(next(iter(wiki.pages)))


def test_a_token_that_lost_its_scope_makes_no_page_gone(wiki: Wiki, source: ConfluenceSource, kind: str) -> None:
    page = wiki.page("DOC", "Page")
    # A missing scope was seen to be answered as 404.
    wiki.fault("/content/" if kind == "datacenter" else "/pages/", 404, times=9)
    with pytest.raises(TargetRefuses, match="no page"):
        source.read(page)


def test_a_page_the_account_may_not_see_is_refused_and_not_gone(wiki: Wiki, source: ConfluenceSource) -> None:
    page = wiki.page("DOC", "Salaries")
    wiki.pages[page].readers = {"somebody else"}
    with pytest.raises(Permanent, match="may not see it") as caught:
        source.read(page)
    assert not isinstance(caught.value, Gone | TargetRefuses)


def test_what_is_missing_around_a_page_does_not_make_the_page_gone(wiki: Wiki, source: ConfluenceSource) -> None:
    page = wiki.page("DOC", "Pictures", '<ac:image><ri:attachment ri:filename="a.png"/></ac:image>')
    for within, status, error in (
        ("restriction", 404, Transient),
        ("attachment", 404, Transient),
        ("attachment", 403, Permanent),
    ):
        wiki.fault(within, status)
        source.listing()
        with pytest.raises(error) as caught:
            source.read(page)
        assert not isinstance(caught.value, Gone | TargetRefuses)
        assert source.read(page)


def test_many_pages_below_the_same_ones_take_few_requests_each(wiki: Wiki, connect: MakeSource) -> None:
    guide = next(page.id for page in wiki.pages.values() if page.title == "Guide")
    pages = [wiki.page("DOC", f"Page {number}", parent=guide) for number in range(20)]
    source = connect()
    source.listing()
    before = source.requests
    for page in pages:
        source.read(page)
    # The page, its ancestors, its restrictions; once what is above all of them.
    assert source.requests - before == 20 * 3 + 3


def test_a_restricted_page_and_all_below_it_are_not_published(wiki: Wiki, connect: MakeSource, kind: str) -> None:
    guide = next(page for page in wiki.pages.values() if page.title == "Guide")
    install = next(page for page in wiki.pages.values() if page.title == "Install")
    guide.readers = {ME}
    for page in (guide, install):
        with pytest.raises(Permanent, match="restricted") as caught:
            connect(kind).read(page.id)
        assert not isinstance(caught.value, Gone | TargetRefuses)
        assert connect(kind, restricted=True).read(page.id)


def test_pages_below_a_folder_are_read(wiki: Wiki, connect: MakeSource) -> None:
    folder = wiki.page("DOC", "Billing", kind="folder")
    page = wiki.page("DOC", "Invoices", parent=folder)
    (document,) = connect().read(page)
    assert document.path == ("Billing",)
    assert document.parent is None


def test_more_labels_than_stand_on_the_page_are_all_read(wiki: Wiki, connect: MakeSource) -> None:
    page = wiki.page("DOC", "Labelled")
    wiki.pages[page].labels = [f"label-{number}" for number in range(30)]
    assert len(connect().read(page)[0].labels) == 30


def test_a_broken_page_fails_alone(wiki: Wiki, source: ConfluenceSource) -> None:
    broken, fine = wiki.page("DOC", "Broken", "<p>open"), wiki.page("DOC", "Fine")
    with pytest.raises(Permanent, match="no XML"):
        source.read(broken)
    assert source.read(fine)
    assert {broken, fine} <= ids(source.listing())


def including(space: str, title: str) -> str:
    link = f'<ac:link><ri:page ri:content-title="{title}" ri:space-key="{space}"/></ac:link>'
    return (
        '<p>Before</p><ac:structured-macro ac:name="include"><ac:parameter ac:name="">'
        f"{link}</ac:parameter></ac:structured-macro>"
    )


def test_another_page_stands_inside_and_is_named(wiki: Wiki, source: ConfluenceSource) -> None:
    footer = wiki.page("DOC", "Footer", "<p>Call us.</p>")
    page = wiki.page("DOC", "Page", including("DOC", "Footer"))
    (document,) = source.read(page)
    assert document.html == "<p>Before</p><p>Call us.</p>"
    assert document.depends == (footer,)


def test_nothing_of_other_spaces_or_restricted_pages_leaks_by_inclusion(
    wiki: Wiki, connect: MakeSource, kind: str
) -> None:
    wiki.space("HR")
    wiki.page("HR", "Salaries", "<p>Secret sums</p>")
    above = wiki.page("DOC", "Internal")
    wiki.page("DOC", "Inherited", "<p>Secret plans</p>", parent=above)
    wiki.pages[above].readers = {ME}
    for space, title in (("HR", "Salaries"), ("DOC", "Inherited")):
        page = wiki.page("DOC", f"Shows {title}", including(space, title))
        for restricted in (False, True):
            (document,) = connect(kind, restricted=restricted).read(page)
            assert document.html == "<p>Before</p>"
            assert any("not included" in warning for warning in document.warnings)
            assert not document.depends


def test_files_of_pages_that_are_not_published_are_not_published(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.space("HR")
    other = wiki.page("HR", "Salaries")
    wiki.attach(other, "sums.png", b"secret")
    page = wiki.page(
        "DOC",
        "Shows a file",
        '<ac:image><ri:attachment ri:filename="sums.png"><ri:page ri:content-title="Salaries" ri:space-key="HR"/>'
        "</ri:attachment></ac:image>",
    )
    (document,) = source.read(page)
    assert (document.html, document.assets) == ("", ())


def test_a_mention_is_a_name_and_never_an_account(wiki: Wiki, connect: MakeSource) -> None:
    wiki.names["557058:aaa"] = "Ann Example"
    mention = '<ac:link><ri:user ri:account-id="557058:aaa"/></ac:link>'
    page = wiki.page("DOC", "Team", f"<p>Ask {mention}.</p>")
    assert connect().read(page)[0].html == "<p>Ask Ann Example.</p>"
    assert connect(mention="our team").read(page)[0].html == "<p>Ask our team.</p>"


def test_the_token_shows_nowhere(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.token_ended = True
    with pytest.raises(TargetRefuses) as caught:
        source.listing()
    shown = f"{source!r} {source._session!r} {source._settings!r} {caught.value!r} {caught.value.__cause__!r}"
    assert TOKEN not in shown


def test_the_converter_is_another_when_settings_change_the_html(connect: MakeSource) -> None:
    assert connect().converter == connect("site").converter
    assert len({connect(**more).converter for more in ({}, {"mention": "us"}, {"language": "ja"})}) == 3
    assert len(connect().converter) <= 64
