"""The section `[zendesk]`: a mistake is named with its cure, and no secret shows."""

from typing import Any

import pytest
from marshmallow import ValidationError

from adapters.zendesk.settings import TEST_SECRET, Settings, ZendeskSchema

GOOD = {"url": "https://acme.zendesk.com/", "client_id": "deskside", "client_secret": "s3cr3t-of-the-client"}


def problems(**values: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as caught:
        ZendeskSchema().load({**GOOD, **values})
    found: dict[str, Any] = caught.value.messages_dict
    return found


def test_the_least_that_works() -> None:
    settings = Settings(**ZendeskSchema().load(GOOD))
    assert settings.url == "https://acme.zendesk.com"
    assert settings.scope == "read write"
    assert settings.webhook_secret is None


@pytest.mark.parametrize(
    "url", ["acme.zendesk.com", "http://acme.zendesk.com", "ftp://acme.zendesk.com", "https://u:p@acme.zendesk.com",
            "https://acme.zendesk.com/api/v2", "https://acme.zendesk.com?x=1", "https://", "https://acme:99999"]
)  # fmt: skip
def test_an_address_that_is_not_an_account_is_refused(url: str) -> None:
    assert "url" in problems(url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8641", "http://localhost:1", "http://[::1]:8080"])
def test_this_machine_may_be_spoken_to_without_tls(url: str) -> None:
    assert ZendeskSchema().load({**GOOD, "url": url})["url"] == url


@pytest.mark.parametrize("key", ["webhook_secret", "webhook_secret_previous"])
def test_the_public_test_secret_is_refused(key: str) -> None:
    assert "public test secret" in str(problems(**{key: TEST_SECRET})[key])


def test_half_a_pair_names_the_other_half() -> None:
    assert "client_secret" in problems(client_secret="")
    assert "client_id" in problems(client_id="")
    assert "email" in problems(api_token="t")
    assert "api_token" in problems(email="a@example.com")


def test_a_misspelt_key_is_an_error() -> None:
    assert "client_sercet" in problems(client_sercet="x")


def test_a_legacy_api_token_still_works() -> None:
    loaded = ZendeskSchema().load({"url": GOOD["url"], "email": "a@example.com", "api_token": "t"})
    assert Settings(**loaded).api_token == "t"


def test_no_secret_shows_in_a_representation() -> None:
    secrets = {
        "client_secret": "aaaa-secret", "api_token": "bbbb-secret", "webhook_secret": "cccc-secret",
        "webhook_secret_previous": "dddd-secret",
    }  # fmt: skip
    loaded = ZendeskSchema().load({**GOOD, "email": "a@example.com", **secrets})
    assert "-secret" not in repr(loaded)
    assert "-secret" not in repr(Settings(**loaded))
    assert "-secret" not in Settings(**loaded).hide(" ".join(secrets.values()))
