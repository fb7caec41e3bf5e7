"""Services come from CSV or JSON; one wrong row, and nothing is imported."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from deskside.commandline.services import parse_service
from deskside.model.service import Service
from deskside.store import services
from deskside.store.database import reading
from tests.commandline.desk import Run, store

HEADER = "client,name,domains,addresses,ports,product"


def known(folder: Path, client: str = "acme") -> tuple[Service, ...]:
    with reading(store(folder)) as connection:
        return services.of_client(connection, [client])


def count(folder: Path) -> int:
    with reading(store(folder)) as connection:
        return services.count(connection)


def test_a_csv_is_imported(run: Run, ready: Path) -> None:
    (ready / "s.csv").write_text(
        f'{HEADER}\nAcme,srv1,acme.example; www.acme.example,192.0.2.1 2001:DB8::1,"22, 443",vps\nacme,srv2,,,,\n'
    )
    assert run("services", "import", "s.csv").stdout == "2 added, 0 updated.\n"
    first, second = known(ready)
    assert first == Service(
        first.id,
        "acme",
        "srv1",
        ("acme.example", "www.acme.example"),
        ("192.0.2.1", "2001:db8::1"),
        (22, 443),
        "vps",
    )
    assert second == Service(second.id, "acme", "srv2")


def test_a_json_is_imported(run: Run, ready: Path) -> None:
    rows = [{"client": "acme", "name": "srv1", "domains": ["a.example"], "ports": [22], "owner": "kept elsewhere"}]
    (ready / "s.json").write_text(json.dumps(rows))
    assert run("services", "import", "s.json").stdout == "1 added, 0 updated.\n"
    assert known(ready)[0].domains == ("a.example",)
    assert known(ready)[0].ports == (22,)


def test_a_second_import_updates_by_client_and_name(run: Run, ready: Path) -> None:
    (ready / "s.csv").write_text(f"{HEADER}\nacme,srv1,,192.0.2.1,,\n")
    run("services", "import", "s.csv")
    (ready / "s.csv").write_text(f"{HEADER}\nACME,srv1,,192.0.2.2,,\nacme,srv2,,,,\n")
    assert run("services", "import", "s.csv").stdout == "1 added, 1 updated.\n"
    assert [service.addresses for service in known(ready)] == [("192.0.2.2",), ()]


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_byte_order_mark_of_a_spreadsheet_is_no_trouble(run: Run, ready: Path, suffix: str) -> None:
    text = f"{HEADER}\nacme,srv1,,,,\n" if suffix == "csv" else '[{"client": "acme", "name": "srv1"}]'
    (ready / f"s.{suffix}").write_text(text, "utf-8-sig")
    run("services", "import", f"s.{suffix}")
    assert known(ready)[0].name == "srv1"


def test_a_name_in_its_own_letters_is_stored_as_the_network_knows_it(run: Run, ready: Path) -> None:
    (ready / "s.csv").write_text(f"{HEADER}\nacme,srv1,Bücher.example пример.рф,,,\n", "utf-8")
    run("services", "import", "s.csv")
    assert known(ready)[0].domains == ("xn--bcher-kva.example", "xn--e1afmkfd.xn--p1ai")


def test_wrong_rows_are_all_named_and_nothing_is_stored(run: Run, ready: Path) -> None:
    rows = ["acme,good,,192.0.2.1,,", "acme,bad address,,192.0.2.999,,", ",no client,,,,", "acme,bad port,,,70000,"]
    (ready / "s.csv").write_text("\n".join([HEADER, *rows, "acme,bad domain,a..b,,,"]))
    said = run("services", "import", "s.csv", status=1).stderr
    assert "row 2: addresses: '192.0.2.999' is no IP address" in said
    assert "row 3: client: Length must be between 1 and 200" in said
    assert "row 4: ports: '70000' is no port" in said
    assert "row 5: domains: 'a..b' is no domain" in said
    assert "row 1" not in said
    assert count(ready) == 0


def test_of_many_wrong_rows_the_first_twenty_are_named(run: Run, ready: Path) -> None:
    (ready / "s.csv").write_text("\n".join([HEADER, *["acme,x,,nonsense,,"] * 50]))
    said = run("services", "import", "s.csv", status=1).stderr
    assert "row 20:" in said
    assert "row 21:" not in said
    assert "(and 30 more)" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("s.csv", b"client,name\nacme,\xff", "is not UTF-8 text"),
        ("s.json", b"{", "is not valid JSON"),
        ("s.json", b'{"client": "acme"}', "must hold a list of services"),
        ("s.json", b'["acme"]', "row 1: row: is no object"),
        ("s.json", b'[{"name": "srv1"}]', "row 1: client: Missing data"),
        ("s.csv", b"client;name\nacme;srv1\n", "row 1: client: Missing data"),
        ("s.csv", b"client,name\nacme," + b"x" * 140_000, "is not valid CSV"),
        ("s.json", b"[" * 100_000, "is not valid JSON"),
        ("s.json", b'[{"client": "acme", "name": "a\\u0000b"}]', "row 1: name: must not hold a NUL"),
        ("s.json", b'[{"client": "acme", "name": "a", "domains": [null]}]', "row 1: domains: None is neither text"),
        ("s.json", '[{"client": "acme", "name": "a", "ports": "²"}]'.encode(), "row 1: ports: '²' is no port"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_says_why(
    run: Run, ready: Path, name: str, content: bytes, said: str
) -> None:
    (ready / name).write_bytes(content)
    assert said in run("services", "import", name, status=1).stderr
    assert count(ready) == 0


def test_a_file_that_is_not_there_is_a_wrong_argument(run: Run, ready: Path) -> None:
    assert "does not exist" in run("services", "import", "nowhere.csv", status=2).output


@pytest.mark.parametrize("client", ["   ", "\t"])
def test_a_client_of_blanks_is_none(client: str) -> None:
    with pytest.raises(ValidationError):
        parse_service({"client": client, "name": "srv1"})


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["client", "name", "domains", "addresses", "ports", "product"]),
        st.text() | st.integers() | st.none() | st.lists(st.text() | st.integers() | st.none() | st.booleans()),
    )
)
def test_no_row_is_anything_but_a_service_or_a_named_error(row: dict[str, Any]) -> None:
    try:
        service = parse_service(row)
    except ValidationError as error:
        assert error.messages_dict
        return
    assert service.client and service.client == service.client.strip().lower()
    assert service.name
    assert all(0 < port < 65536 for port in service.ports)
    assert all(domain.isascii() for domain in service.domains)
    assert "\0" not in service.client + service.name + service.product
