from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError

from adapters.confluence import plugin
from adapters.confluence.settings import Settings

CLOUD = {"url": "https://team.atlassian.net", "email": "a@example.com", "token": "secret-token", "spaces": ["DOC"]}
SERVER = {"url": "https://wiki.example.com/confluence/", "token": "secret-token", "spaces": "DOC, OPS"}


def loaded(**given: Any) -> Settings:
    return Settings(**plugin.schema().load(given))


def test_a_site_of_the_cloud_is_known_by_its_host() -> None:
    found = loaded(**CLOUD | {"url": "https://team.atlassian.net/wiki/"})
    assert (found.is_cloud, found.api, found.wiki) == (
        True,
        "https://team.atlassian.net",
        "https://team.atlassian.net/wiki",
    )


def test_with_a_cloud_id_calls_go_through_the_gateway() -> None:
    found = loaded(**CLOUD | {"email": "", "cloud_id": "11111111-2222"})
    assert found.api == "https://api.atlassian.com/ex/confluence/11111111-2222"
    assert found.wiki == "https://team.atlassian.net/wiki"


def test_any_other_host_is_a_data_center_with_its_context_path() -> None:
    found = loaded(**SERVER)
    assert (found.is_cloud, found.api, found.wiki) == (False, found.url, "https://wiki.example.com/confluence")
    assert found.spaces == ("DOC", "OPS")


def test_a_last_day_and_a_language_are_read() -> None:
    found = loaded(**CLOUD, token_expires="2027-05-01", language="en-US")
    assert (found.token_expires, found.language) == (date(2027, 5, 1), "en-us")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (CLOUD | {"email": ""}, "email"),
        (CLOUD | {"token": ""}, "token"),
        (CLOUD | {"spaces": []}, "spaces"),
        (CLOUD | {"spaces": ['DOC" or space = "HR']}, "spaces"),
        (CLOUD | {"url": "http://team.atlassian.net"}, "url"),
        (CLOUD | {"url": "https://user:pass@team.atlassian.net"}, "url"),
        (CLOUD | {"cloud_id": "../../x"}, "cloud_id"),
        (CLOUD | {"space": "DOC"}, "space"),
        (SERVER | {"email": "a@example.com"}, "email"),
        (SERVER | {"deployment": "server"}, "deployment"),
        (SERVER | {"language": "English please"}, "language"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, Any], key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        loaded(**given)
    assert key in caught.value.normalized_messages()


def test_the_token_does_not_show() -> None:
    found = loaded(**CLOUD)
    assert "secret-token" not in repr(found)
    assert "secret-token" not in repr(plugin.schema().load(CLOUD))
