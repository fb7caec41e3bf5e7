"""What a section may say, and which host it reaches."""

from typing import Any

import pytest
import sqlalchemy as sa
from marshmallow import ValidationError

from adapters.zendesk import knowledge_source, knowledge_target
from adapters.zendesk.guide.settings import brand_url
from deskside.errors import ConfigurationError
from deskside.guard import AddressGuard
from deskside.ports import Surface

OWN = {"url": "https://other.zendesk.com/", "client_id": "deskside", "client_secret": "very-secret-text"}


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({"colour": "red"}, "colour"),
        ({"url": "https://other.zendesk.com"}, "client_id"),
        ({"client_id": "x"}, "url"),
        ({"brand": "no brand"}, "brand"),
        ({"brand": "http://brand.zendesk.com"}, "brand"),
        ({"public_url": "help.example.com"}, "public_url"),
        ({"content_tags": [""]}, "content_tags"),
        ({**OWN, "url": "http://other.zendesk.com"}, "url"),
    ],
)
def test_a_section_that_cannot_be_used_names_the_key(section: dict[str, Any], key: str) -> None:
    with pytest.raises(ValidationError) as raised:
        knowledge_target.schema().load(section)
    assert key in raised.value.messages_dict


def test_no_account_at_all_is_said_before_anything_is_asked() -> None:
    nothing = Surface({}, AddressGuard(), sa.create_engine("sqlite://"))
    for plugin in (knowledge_target, knowledge_source):
        with pytest.raises(ConfigurationError, match=r"needs a section \[zendesk\]"):
            plugin.build("guide", plugin.schema().load({}), nothing)


def test_an_account_of_its_own_needs_no_desk_and_asks_for_no_more_than_articles() -> None:
    nothing = Surface({}, AddressGuard(), sa.create_engine("sqlite://"))
    built = knowledge_target.build("guide", knowledge_target.schema().load(OWN), nothing)
    assert built.url("12", "en-US") == "https://other.zendesk.com/hc/en-us/articles/12"
    assert built.title == "Zendesk Guide (other.zendesk.com)"
    assert "very-secret-text" not in repr(knowledge_target.schema().load(OWN))
    assert knowledge_source.build("help", knowledge_source.schema().load(OWN), nothing).title == built.title


def test_readers_may_know_the_help_centre_by_another_name() -> None:
    nothing = Surface({}, AddressGuard(), sa.create_engine("sqlite://"))
    section = {**OWN, "public_url": "https://help.example.com/"}
    built = knowledge_target.build("guide", knowledge_target.schema().load(section), nothing)
    assert built.url("12", "ru") == "https://help.example.com/hc/ru/articles/12"


@pytest.mark.parametrize(
    ("account", "brand", "url"),
    [
        ("https://acme.zendesk.com", "", "https://acme.zendesk.com"),
        ("https://acme.zendesk.com", "shop", "https://shop.zendesk.com"),
        ("https://acme.zendesk.com", "https://shop.zendesk.com/", "https://shop.zendesk.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001", "http://127.0.0.1:8001"),
    ],
)
def test_a_brand_is_a_neighbour_of_its_account(account: str, brand: str, url: str) -> None:
    assert brand_url("x", account, brand) == url


@pytest.mark.parametrize(
    ("account", "brand"),
    [
        ("https://acme.zendesk.com", "https://shop.example.com"),
        ("https://acme.zendesk.com", "https://shop.zendesk.com.evil.example"),
        ("https://acme.zendesk.com", "http://127.0.0.1:8001"),
        ("http://127.0.0.1:8000", "shop"),
    ],
)
def test_a_token_never_goes_to_another_domain(account: str, brand: str) -> None:
    with pytest.raises(ConfigurationError, match="brand"):
        brand_url("knowledge.targets.x", account, brand)
