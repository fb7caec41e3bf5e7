"""The section [health]: lists or comma text, and errors that say what is allowed."""

from pathlib import Path

import marshmallow
import pytest

from adapters.health.settings import LIMITS, Endpoint, HealthSchema, HealthSettings
from deskside.vault import new_key


def load(**data: object) -> HealthSettings:
    settings = HealthSchema().load(data)
    assert isinstance(settings, HealthSettings)
    return settings


def test_an_empty_section_has_working_defaults() -> None:
    settings = load()
    assert settings.deadline_seconds == 10
    assert settings.probes is None
    assert settings.limits == LIMITS
    assert settings.vantage


def test_lists_may_be_lists_or_comma_text_as_in_the_environment() -> None:
    expected = ("127.0.0.0/8", "10.1.0.0/16")
    assert load(allow_networks="127.0.0.0/8, 10.1.0.0/16").allow_networks == expected
    assert load(allow_networks=list(expected)).allow_networks == expected
    assert load(probes="icmp,tcp").probes == ("icmp", "tcp")


def test_addresses_may_have_ports() -> None:
    settings = load(nameservers="127.0.0.1:5353, [::1]:53", anchors=["192.168.0.1", "2001:db8::1"])
    assert settings.nameservers == (Endpoint("127.0.0.1", 5353), Endpoint("::1", 53))
    assert settings.anchors == (Endpoint("192.168.0.1"), Endpoint("2001:db8::1"))
    assert [str(endpoint) for endpoint in settings.nameservers] == ["127.0.0.1:5353", "[::1]:53"]


def test_one_limit_may_be_changed_and_the_others_stay() -> None:
    assert load(limits={"tcp_seconds": 1.5}).limits == {**LIMITS, "tcp_seconds": 1.5}


def test_the_vault_s_keys_may_be_in_a_file_and_are_never_shown(tmp_path: Path) -> None:
    here, there = new_key(), new_key()
    file = tmp_path / "keys"
    file.write_text(f"{there}\n\n")
    settings = load(vault_keys=here, vault_key_file=str(file))
    assert settings.vault_keys == (here, there)
    assert here not in repr(settings) and there not in repr(settings)
    for wrong in (
        {"vault_keys": "canary-key"},
        {"vault_keys": [here, "canary-key"]},
        {"vault_keys": {"canary-key": 1}},
    ):
        with pytest.raises(marshmallow.ValidationError) as caught:
            load(**wrong)
        assert "canary" not in str(caught.value) and here not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "key", "said"),
    [
        ({"allow_networks": "127.0.0.1/8"}, "allow_networks", "found '127.0.0.1/8'"),
        ({"deny_networks": 5}, "deny_networks", "allowed is a list"),
        ({"anchors": "gateway.example"}, "anchors", "allowed is an IP address"),
        ({"nameservers": "127.0.0.1:99999"}, "nameservers", "found '127.0.0.1:99999'"),
        ({"limits": {"tcp_second": 1}}, "limits", "allowed are resolve_seconds"),
        ({"deadline_seconds": 0}, "deadline_seconds", "Must be"),
        ({"vault_keys": "short"}, "vault_keys", "a key must be 32 bytes"),
        ({"vault_keys": {"a": 1}}, "vault_keys", "allowed is a list"),
        ({"vault_key_file": "/nowhere/keys"}, "vault_key_file", "No such file"),
        ({"no_such_key": 1}, "no_such_key", "Unknown field"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(data: dict[str, object], key: str, said: str) -> None:
    with pytest.raises(marshmallow.ValidationError) as caught:
        HealthSchema().load(data)
    assert said in str(caught.value.normalized_messages()[key])
