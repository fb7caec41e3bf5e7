"""A client's products as services."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whmcs import inventory, rows
from adapters.whmcs.rows import ProductRow
from tests.adapters.whmcs.install import product


def product_row(**changes: Any) -> ProductRow:
    (row,) = rows.PRODUCTS.read([product(**changes)])
    return row


def service(**changes: Any) -> Any:
    (found,) = inventory.read_services("7", [product_row(**changes)])
    return found


def test_the_dedicated_address_goes_first_then_the_assigned_ones() -> None:
    found = service()
    assert found.client == "whmcs:7"
    assert found.name == "Shop.Acme.example"
    assert found.domains == ("shop.acme.example",)
    assert found.addresses == ("192.0.2.10", "192.0.2.11", "192.0.2.12")
    assert (found.product, found.status) == ("VPS L", "active")


def test_only_a_product_without_an_address_of_its_own_is_at_its_machines() -> None:
    assert service(dedicatedip="", assignedips="").addresses == ("198.51.100.4",)
    assert "198.51.100.4" not in service().addresses


def test_without_any_address_or_domain_the_machines_name_is_looked_at() -> None:
    found = service(domain="", dedicatedip="", assignedips="", serverip="")
    assert (found.domains, found.addresses, found.name) == (("node4.host.example",), (), "VPS L")


@pytest.mark.parametrize(("domain", "name"), [("", "192.0.2.10"), ("192.0.2.99", "192.0.2.10"), ("vps1", "192.0.2.10")])
def test_without_a_domain_the_address_is_the_name(domain: str, name: str) -> None:
    found = service(domain=domain)
    assert (found.name, found.domains) == (name, ())


def test_an_address_in_the_domains_place_is_an_address() -> None:
    assert service(domain="203.0.113.7", dedicatedip="", assignedips="").addresses == ("203.0.113.7",)


def test_a_name_of_other_letters_is_told_to_dns_in_ascii() -> None:
    assert service(domain="Bücher.example").domains == ("xn--bcher-kva.example",)


@pytest.mark.parametrize(
    ("status", "word"),
    [("Active", "active"), ("Suspended", "suspended"), ("Pending", "pending"), ("Terminated", "terminated"),
     ("Cancelled", "terminated"), ("Fraud", "terminated"), ("Completed", "terminated"), ("New Thing", "active")],
)  # fmt: skip
def test_a_status_is_told_in_deskside_words(status: str, word: str) -> None:
    assert service(status=status).status == word


@pytest.mark.parametrize("text", ["", "none", "0.0.0.0", "192.0.2.0/24", "192.0.2.300", "::", "<b>"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert inventory.addresses_in(text) == ()


def test_of_equal_names_the_later_ones_say_their_number() -> None:
    found = inventory.read_services(
        "7", [product_row(id=40), product_row(id=9), product_row(id=31, status="Terminated")]
    )
    assert [item.name for item in found] == [
        "Shop.Acme.example", "Shop.Acme.example (S31)", "Shop.Acme.example (S40)",
    ]  # fmt: skip


def test_a_tickets_service_is_found_by_its_number() -> None:
    owned = [product_row(id=40), product_row(id=31)]
    assert inventory.name_of("S31", "7", owned) == "Shop.Acme.example"
    assert inventory.name_of("S40", "7", owned) == "Shop.Acme.example (S40)"
    assert inventory.name_of("S99", "7", owned) is None


@given(st.lists(st.tuples(st.text(max_size=300), st.text(max_size=40), st.text(max_size=300)), max_size=8))
def test_the_names_of_one_client_are_unique_and_fit_the_store(given_rows: list[tuple[str, str, str]]) -> None:
    owned = [
        product_row(id=index + 1, domain=domain, dedicatedip=address, name=name)
        for index, (domain, address, name) in enumerate(given_rows)
    ]
    found = inventory.read_services("7", owned)
    assert len({item.name for item in found}) == len(owned)
    assert all(0 < len(item.name) <= 200 and len(item.product) <= 80 for item in found)
