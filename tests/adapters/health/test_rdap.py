"""RDAP as data: the longest suffix decides the server, and only what RFC 9083 says is read."""

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.rdap import Bootstrap, BootstrapFile, Registration, is_error, parse_bootstrap, parse_domain
from deskside.errors import Malformed


def domain(**values: object) -> bytes:
    return json.dumps({"objectClassName": "domain", **values}).encode()


def bootstrap(*services: object, **values: object) -> bytes:
    return json.dumps({"version": "1.0", "services": list(services), **values}).encode()


def test_the_longest_suffix_decides_and_https_is_preferred() -> None:
    read = parse_bootstrap(
        bootstrap([["uk", "net"], ["http://a/", "https://b/"]], [["co.uk"], ["https://c/"]], publication="2026-11-22")
    )
    assert read.publication == "2026-11-22"
    assert read.server("example.co.uk") == "https://c/"
    assert read.server("example.uk") == "https://b/"
    assert read.server("example.ru") is None
    assert read.server("uk") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        bootstrap(),
        bootstrap([["com"]]),
        bootstrap([["com"], []]),
        bootstrap([["com"], ["ftp://a/"]]),
    ],
)
def test_a_list_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse_bootstrap(content)


def test_the_bundled_list_knows_the_common_registries_by_https_and_no_ru() -> None:
    bundled = BootstrapFile()()
    assert bundled.server("example.com") == "https://rdap.verisign.com/com/v1/"
    assert bundled.server("example.co.uk") == "https://rdap.nominet.uk/uk/"
    assert bundled.server("example.ru") is None
    assert datetime.fromisoformat(bundled.publication)
    assert all(url.startswith("https://") and url.endswith("/") for urls in bundled.services.values() for url in urls)


def test_the_operators_list_is_read_again_when_it_changed_and_replaced_by_the_bundled_one_when_broken(
    tmp_path: Path,
) -> None:
    path = tmp_path / "dns.json"
    source = BootstrapFile(str(path))
    assert source().server("example.com") == "https://rdap.verisign.com/com/v1/"
    for number, (content, server) in enumerate(
        [
            (bootstrap([["com"], ["https://own/"]]), "https://own/"),
            (b"broken", "https://rdap.verisign.com/com/v1/"),
            (bootstrap([["com"], ["https://new/"]]), "https://new/"),
        ]
    ):
        path.write_bytes(content)
        os.utime(path, (number, number))
        assert source().server("example.com") == server


def test_expiry_status_and_registrar_are_read() -> None:
    read = parse_domain(
        domain(
            events=[
                {"eventAction": "registration", "eventDate": "2020-01-01T00:00:00Z"},
                {"eventAction": "expiration", "eventDate": "2027-01-01T01:00:00+01:00"},
                {"eventAction": "registrar expiration", "eventDate": "2030-01-01T00:00:00Z"},
            ],
            status=["client hold", "serverHold", "redemption period"],
            entities=[
                {"roles": ["technical"], "vcardArray": ["vcard", [["fn", {}, "text", "Nobody"]]]},
                {"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", "A Registrar"]]]},
            ],
        )
    )
    expected = Registration(
        datetime(2027, 1, 1, tzinfo=UTC), ("clienthold", "serverhold", "redemptionperiod"), "A Registrar"
    )
    assert read == expected


def test_what_is_missing_or_strange_is_left_out() -> None:
    assert parse_domain(domain()) == Registration(None, ())
    strange = domain(events=[{"eventAction": "expiration", "eventDate": 7}, 5], status="active", entities=[{}, 3])
    assert parse_domain(strange) == Registration(None, ())
    with pytest.raises(Malformed):
        parse_domain(json.dumps({"objectClassName": "entity"}).encode())


def test_only_an_rdap_servers_error_is_its_word() -> None:
    assert is_error(b'{"errorCode": 404}')
    assert not is_error(b"<html>Not found</html>")
    assert not is_error(b"[]")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@given(_JSON, _JSON, _JSON)
def test_any_answer_is_read_or_refused(events: object, status: object, entities: object) -> None:
    assert isinstance(parse_domain(domain(events=events, status=status, entities=entities)), Registration)


@given(_JSON)
def test_any_list_is_read_or_refused(services: object) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(parse_bootstrap(json.dumps({"services": services}).encode()), Bootstrap)
