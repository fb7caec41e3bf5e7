"""Targets: only what is the client's own, however it is written."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.health.targets import find_targets, foreign_mentions
from deskside.model.service import Service
from deskside.model.ticket import Client, Status, Ticket

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SHOP = Service(1, "acme", "shop", ("example.com",), ("203.0.113.10",), (80, 443))
MAIL = Service(2, "acme", "mail", ("mail.example.net",), ("203.0.113.20", "2001:db8::20"), (25, 993))
CYRILLIC = Service(3, "acme", "сайт", ("xn--e1afmkfd.xn--p1ai",), ("203.0.113.30",))
KANA = Service(4, "acme", "jp", ("xn--r8jz45g.xn--zckzah",), ("203.0.113.40",))
OWN = (SHOP, MAIL, CYRILLIC, KANA)


def ticket(text: str, fields: dict[str, str] | None = None, client_fields: dict[str, str] | None = None) -> Ticket:
    client = Client("1", "Acme", fields=client_fields or {})
    return Ticket(
        "zendesk", "1", "Help", text, Status.NEW, "support", client, NOW, NOW, fields=fields or {}
    )  # fmt: skip


def found(text: str) -> list[str]:
    return [target.service for target in find_targets(ticket(text), OWN)]


@pytest.mark.parametrize(
    "text",
    [
        "203.0.113.10 is down",
        "my server (203.0.113.10) died",
        "ssh root@203.0.113.10 hangs",
        "http://203.0.113.10:8080/x",
        "сервер203.0.113.10упал",
        "Не отвечает 203.0.113.10, помогите",
        "сервер 203.0.113.10-й упал",
        "サーバー203.0.113.10が落ちた",
        "２０３．０．１１３．１０に接続できません",
        "203。0。113。10が落ちた",
        "接続できません。203.0.113.10。再起動してください",
        "203[.]0[.]113[.]10",
        "203(dot)0(dot)113(dot)10",
        "IP: 203.0.113.10.",
        "example.com is down",
        "EXAMPLE.COM!",
        "Example.com.",
        "hxxps://example[.]com/login",
        "hxxp[:]//example.com",
        "сайт example.com не открывается",
        "сайтexample.comлежит",
        "サイトexample.comが落ちた",
        "落ちました。example.com。見てください",
        "ｅｘａｍｐｌｅ．ｃｏｍ",
        "exam\u200bple.com",
        "www.example.com/path?x=1",
        "a.b.shop.example.com",
        "mail to info@example.com bounces",
    ],
)
def test_the_shop_is_found_however_it_is_written(text: str) -> None:
    assert found(text) == ["shop"]


@pytest.mark.parametrize(
    "text",
    [
        "example.com.evil.net",
        "https://example.com.evil.net/",
        "example.com.злой.рф",
        "notexample.com",
        "not-example.com",
        "example.community",
        "example.com-cdn.net",
        "203.0.113.10.nip.io",
        "203.0.113.100",
        "1203.0.113.10",
        "203.0.113.10.5",
        "v203.0.113.10a",
        "203.0.113.10-static.example.org",
        "notпример.рф",
        "пример.рф.evil.net",
        "непример.рф",
        "198.51.100.7 and evil.net",
        "version 1.22.1.4 of 12.11.2026, backup.zip, app.py",
        "",
    ],
)
def test_a_lookalike_is_no_target(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["сайт пример.рф лежит", "ПРИМЕР.РФ", "https://www.пример.рф/", "xn--e1afmkfd.xn--p1ai", "(пример.рф)."]
)
def test_a_cyrillic_name_is_found_in_both_forms(text: str) -> None:
    assert found(text) == ["сайт"]


@pytest.mark.parametrize("text", ["例え.テストが落ちた", "サイトは例え.テストです", "例え。テストに接続できない"])
def test_a_japanese_name_is_found_without_spaces(text: str) -> None:
    assert found(text) == ["jp"]


@pytest.mark.parametrize("text", ["2001:db8::20 down", "[2001:db8::20]:993", "2001:DB8:0:0::20", "адрес 2001:db8::20."])
def test_an_ipv6_address_is_found_in_any_spelling(text: str) -> None:
    assert found(text) == ["mail"]


def test_a_subdomain_is_looked_up_by_its_own_name_not_by_the_inventory_address() -> None:
    (target,) = find_targets(ticket("shop.example.com is slow"), OWN)
    assert (target.host, target.address, target.ports) == ("shop.example.com", None, (80, 443))
    assert target.addresses == ("203.0.113.10",)
    assert target.found_by == "domain shop.example.com in the text"


def test_an_address_brings_the_name_and_the_ports_of_its_service() -> None:
    (target,) = find_targets(ticket("203.0.113.10 is down"), OWN)
    assert (target.host, target.address, target.ports) == ("example.com", "203.0.113.10", (80, 443))
    assert target.found_by == "address 203.0.113.10 in the text"


def test_the_ticket_field_decides_before_the_client_field_before_the_text() -> None:
    both = ticket("mail.example.net", {"77": "shop"}, {"77": "сайт"})
    assert [t.service for t in find_targets(both, OWN, ["77"])] == ["shop"]
    client_only = ticket("mail.example.net", {}, {"77": "https://пример.рф/"})
    (target,) = find_targets(client_only, OWN, ["77"])
    assert (target.service, target.found_by) == ("сайт", "client field 77")
    assert [t.service for t in find_targets(both, OWN, [])] == ["mail"]


def test_a_field_that_names_a_foreign_thing_is_passed_over() -> None:
    assert [t.service for t in find_targets(ticket("example.com", {"77": "evil.net"}), OWN, ["77"])] == ["shop"]


def test_a_signature_with_a_mail_address_does_not_outweigh_what_is_named() -> None:
    assert found("mail.example.net is down\n-- \nIvan, ivan@example.com") == ["mail"]


def test_the_only_service_is_taken_when_nothing_is_named() -> None:
    (target,) = find_targets(ticket("it is down"), (SHOP,))
    assert (target.host, target.address, target.found_by) == (
        "example.com",
        "203.0.113.10",
        "the client's only service",
    )
    assert find_targets(ticket("it is down"), OWN) == ()
    assert find_targets(ticket("it is down"), ()) == ()


def test_a_thing_of_another_client_is_never_a_target() -> None:
    assert find_targets(ticket("203.0.113.20 and mail.example.net"), (SHOP, CYRILLIC)) == ()


def test_no_more_than_three_targets_in_the_order_of_the_text() -> None:
    text = "пример.рф, 203.0.113.20, example.com, 203.0.113.40 and again example.com"
    assert found(text) == ["сайт", "mail", "shop"]


def test_foreign_addresses_and_links_are_only_text() -> None:
    said = foreign_mentions(ticket("198.51.100.7, https://evil.net/x, 203.0.113.10, www.example.com, backup.zip"), OWN)
    assert said == ("198.51.100.7", "evil.net")


def test_text_beyond_twenty_thousand_characters_is_not_read() -> None:
    assert found("x " * 10_000 + "example.com") == []


HOSTILE = [
    "a.",
    "ё.",
    "1.",
    "a-",
    "1.1.1.1.",
    "::",
    "f:",
    "xn--",
    "。",
    "@a.",
    "hxxp",
    "[.]",
    "a.b@",
    "пример.рф",
    "例え",
]


@pytest.mark.timeout(60)
@given(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_hostile_text_does_not_backtrack(parts: list[str]) -> None:
    """A backtracking expression takes over 6 s for one of these; all sixty together take about two."""
    food = "".join(parts)
    text = ticket(food * (20_000 // len(food)))
    assert {target.service for target in find_targets(text, OWN)} <= {"сайт", "jp"}
    assert len(foreign_mentions(text, OWN)) <= 5


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error_and_gives_only_own_services(text: str) -> None:
    for target in find_targets(ticket(text), OWN):
        assert target.service in {service.name for service in OWN}
    foreign_mentions(ticket(text), OWN)


@given(st.text(alphabet="abcdefghij.-", max_size=30))
def test_a_target_found_by_name_is_the_domain_or_below_it(prefix: str) -> None:
    for target in find_targets(ticket(prefix + "example.com" + prefix), OWN):
        assert target.host is not None
        assert target.host == "example.com" or target.host.endswith(".example.com")
