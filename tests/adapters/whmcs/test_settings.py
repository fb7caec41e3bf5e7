"""The section `[whmcs]`: a mistake is named with its cure, and no secret shows."""

from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from adapters.whmcs.settings import Settings, WhmcsSchema
from deskside import settings as configuration
from deskside.model.ticket import Status

GOOD = {"url": "https://billing.example.com/whmcs/", "identifier": "id", "secret": "s3cr3t-of-the-credential"}


def loaded(**values: Any) -> Settings:
    return Settings(**WhmcsSchema().load({**GOOD, **values}))


def problems(**values: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as caught:
        WhmcsSchema().load({**GOOD, **values})
    found: dict[str, Any] = caught.value.messages_dict
    return found


def test_the_least_that_works() -> None:
    settings = loaded()
    assert settings.url == "https://billing.example.com/whmcs"
    assert settings.at_once == 4
    assert settings.write_priority is False
    assert settings.meanings["customer-reply"] is Status.OPEN


@pytest.mark.parametrize("url", [
    "https://b.example/includes/api.php", "https://b.example/includes/api.php/", " https://b.example ",
    "https://b.example/includes/api.php/includes/api.php", "https://b.example/Includes/API.php",
])  # fmt: skip
def test_the_path_of_the_api_in_the_address_does_no_harm(url: str) -> None:
    assert loaded(url=url).url == "https://b.example"


@pytest.mark.parametrize(
    "url", ["b.example", "http://b.example", "ftp://b.example", "https://u:p@b.example", "https://b.example?x=1",
            "https://", "https://b.example:99999"]
)  # fmt: skip
def test_an_address_that_is_no_whmcs_is_refused(url: str) -> None:
    assert "url" in problems(url=url)


def test_this_machine_may_be_spoken_to_without_tls() -> None:
    assert loaded(url="http://127.0.0.1:80/whmcs").url == "http://127.0.0.1:80/whmcs"


@pytest.mark.parametrize(
    ("key", "value"),
    [("secret", " "), ("identifier", ""), ("timezone", "Mars/Phobos"), ("access_key", "with space"),
     ("webhook_secret", "short"), ("at_once", 0), ("read_timeout", 600), ("statuses", {"Waiting": "maybe"}),
     ("admin_path", "a b"), ("identifer", "misspelt")],
)  # fmt: skip
def test_a_wrong_value_is_named(key: str, value: object) -> None:
    assert key in problems(**{key: value})


def test_custom_statuses_are_told_without_regard_to_case() -> None:
    meanings = loaded(statuses={"Waiting on Vendor": "hold", "In Progress": "open"}).meanings
    assert meanings["waiting on vendor"] is Status.HOLD
    assert meanings["in progress"] is Status.OPEN


def test_no_secret_shows() -> None:
    secrets = {"secret": "canary-one-xxxxxxxx", "access_key": "canary-two", "webhook_secret": "whsec_canary-three-xx"}
    settings = loaded(**secrets, webhook_secret_previous="canary-four-xxxxxxxx")
    assert "canary" not in repr(settings)
    assert "canary" not in repr(WhmcsSchema().load({**GOOD, **secrets}))
    assert "canary" not in settings.hide(" ".join([*secrets.values(), "canary-four-xxxxxxxx"]))


def test_every_key_can_come_from_the_environment() -> None:
    environment = {
        "DESKSIDE_WHMCS__URL": "https://b.example/includes/api.php",
        "DESKSIDE_WHMCS__IDENTIFIER": "id",
        "DESKSIDE_WHMCS__SECRET": "secret",
        "DESKSIDE_WHMCS__TIMEZONE": "Asia/Tokyo",
        "DESKSIDE_WHMCS__AT_ONCE": "2",
        "DESKSIDE_WHMCS__WRITE_PRIORITY": "true",
        "DESKSIDE_WHMCS__STATUSES__ESCALATED": "open",
        "DESKSIDE_WHMCS__CLIENT_FIELDS__PLAN": "12",
    }
    section = configuration.load(Path("/dev/null"), environment).section("whmcs", WhmcsSchema)
    settings = Settings(**section)
    assert (settings.url, settings.timezone, settings.at_once) == ("https://b.example", "Asia/Tokyo", 2)
    assert settings.write_priority is True
    assert settings.meanings["escalated"] is Status.OPEN
    assert settings.client_fields == {"plan": "12"}
