"""The section of a target, and the languages of WHMCS."""

from typing import Any

import pytest
import sqlalchemy as sa
from marshmallow import ValidationError

from adapters.whmcs import knowledge_target
from adapters.whmcs.desk import WhmcsDesk
from adapters.whmcs.knowledge import reading
from adapters.whmcs.languages import Languages
from deskside.errors import ConfigurationError, Permanent
from deskside.guard import AddressGuard
from deskside.ports import Surface


def surface(**desks: Any) -> Surface:
    return Surface(desks, AddressGuard(), sa.create_engine("sqlite://"))


def test_it_is_made_of_the_configured_whmcs(desk: WhmcsDesk) -> None:
    options = knowledge_target.schema().load({"url": "https://billing.example.com/whmcs/"})
    target = knowledge_target.build("billing", options, surface(whmcs=desk))
    assert (target.name, target.requests) == ("billing", 0)
    assert target.url("7", "en") == "https://billing.example.com/whmcs/knowledgebase.php?action=displayarticle&id=7"


def test_without_a_whmcs_it_says_so() -> None:
    with pytest.raises(ConfigurationError, match=r"\[whmcs\]"):
        knowledge_target.build("billing", knowledge_target.schema().load({}), surface())


@pytest.mark.parametrize(
    "section",
    [{"url": "ftp://a.example"}, {"url": "https://me:pw@a.example"}, {"languages": {"en": "../x"}}, {"brand": "x"}],
)
def test_what_cannot_be_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        knowledge_target.schema().load(section)


def test_languages_go_by_their_own_name_then_by_their_first_part() -> None:
    languages = Languages({"zh-tw": "chinese", "en-gb": "british"})
    assert [languages.name(tag) for tag in ("en-us", "en-gb", "pt-br", "pt", "zh-tw", "uk")] == [
        "english",
        "british",
        "portuguese-br",
        "portuguese-pt",
        "chinese",
        "ukranian",
    ]
    assert [languages.tag(name) for name in ("british", "chinese", "russian", "klingon")] == [
        "en-gb",
        "zh-tw",
        "ru",
        "klingon",
    ]
    with pytest.raises(Permanent, match="ja"):
        languages.name("ja")


def test_a_category_in_a_ring_or_without_its_parent_is_in_no_path() -> None:
    rows = [
        {"id": 1, "parent": 0, "name": "A"},
        {"id": 2, "parent": 1, "name": "B"},
        {"id": 3, "parent": 4, "name": "C"},
        {"id": 4, "parent": 3, "name": "D"},
        {"id": 5, "parent": 9, "name": "E"},
        {"id": 6, "parent": 0, "name": "A"},
    ]
    assert reading.paths(rows) == {("A",): "1", ("A", "B"): "2"}
