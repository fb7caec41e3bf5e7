"""Routes: the first rule that holds for a target wins, and one document may stand on many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.knowledge.routes import matches, places
from adapters.knowledge.settings import Route
from deskside.knowledge.documents import Known


def known(language: str = "en", **values: object) -> Known:
    plain: dict[str, object] = {"title": "Cards", "path": ("Billing", "Paying"), "labels": ("public",)}
    return Known(
        "handbook",
        "a",
        language,
        "1",
        "c",
        content_hash="",
        source_language="en",
        **{**plain, **values},  # type: ignore[arg-type]
    )


def route(**values: object) -> Route:
    return Route(**{"target": "guide", "section": ("Help",), **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("Billing/Paying/Cards", True),
        ("billing/paying/*", True),
        ("Billing/*", False),
        ("Billing/**", True),
        ("**/Cards", True),
        ("**", True),
        ("Billing/**/Cards", True),
        ("Billing/Paying/**/Cards", True),
        ("Billing/Pay*/Car?s", True),
        ("Billing/Paying", False),
        ("Paying/**", False),
        ("Billing/Paying/Cards/**", True),
        ("Billing/Paying/Cards/*", False),
    ],
)
def test_a_path_is_matched_folder_by_folder(pattern: str, holds: bool) -> None:
    assert matches(route(path=pattern), known()) is holds


def test_all_conditions_must_hold() -> None:
    assert matches(route(source="handbook", label="public", space=""), known())
    assert not matches(route(source="handbook", label="internal"), known())
    assert not matches(route(source="wiki"), known())
    assert matches(route(space="DOC"), known(space="DOC"))


def test_the_first_rule_of_each_target_wins() -> None:
    rules = [
        route(label="internal", section=("Internal",)),
        route(section=("First",)),
        route(section=("Second",)),
        route(target="whmcs", section=("Third",), labels=("kb",), keep_labels=False),
    ]
    found = places(rules, {"en": known()})
    assert {name: place.section for name, place in found.items()} == {"guide": ("First",), "whmcs": ("Third",)}
    assert found["guide"].labels == ("public",)
    assert found["whmcs"].labels == ("kb",)


def test_languages_are_kept_mapped_or_one() -> None:
    texts = {"en": known(), "de": known("de")}
    assert places([route()], texts)["guide"].languages == {"de": "de", "en": "en"}
    assert places([route(languages={"en": "en-us"})], texts)["guide"].languages == {"en": "en-us"}
    assert places([route(language="en-gb")], texts)["guide"].languages == {"en": "en-gb"}
    # A rule that publishes none of its languages does not hold.
    assert places([route(languages={"fr": "fr"})], texts) == {}


def test_the_order_is_left_alone_fixed_or_that_of_the_source() -> None:
    texts = {"en": known(position=7)}
    orders = (None, 3, "source")
    assert [places([route(position=order)], texts)["guide"].position for order in orders] == [None, 3, 7]


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=5))
def test_a_path_fits_itself_and_two_stars(path: list[str]) -> None:
    item = known(path=tuple(path), title="z")
    assert matches(route(path="/".join([*path, "z"])), item)
    assert matches(route(path="**"), item)
    assert not matches(route(path="/".join([*path, "y"])), item)
