"""The addon's buttons for a better place, and a boost's whole way from PHP to PHP."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from deskside.model.boost import BoostState
from deskside.store import boosts, tickets
from deskside.store.database import Row, reading
from tests.adapters.whmcs.addon.conftest import packed, patient
from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import Visitor, Whmcs, missing, running_whmcs
from tests.running import Running, running
from tests.webhooks.embedding import SECRET

CONFIG = re.compile(r'data-deskside="([^"]*)"')
WANTED = {"kind": "front", "place": "1"}


def address(whmcs: Whmcs, number: int = 1) -> str:
    row = next(row for row in whmcs.table("tbltickets") if row["id"] == number)
    return f"/viewticket.php?tid={row['tid']}&c={row['c']}"


def config(page: requests.Response) -> dict[str, Any]:
    found = CONFIG.search(page.text)
    assert found is not None
    read: dict[str, Any] = json.loads(html.unescape(found[1]))
    return read


def ask(visitor: Visitor, action: str = "boost.ask", **fields: str) -> dict[str, Any]:
    answer: dict[str, Any] = visitor.post(f"/index.php?m=deskside&action={action}", fields).json()
    return answer


def test_a_client_asks_with_the_kind_and_the_place_that_was_shown(whmcs: Whmcs, behind: Deskside) -> None:
    behind.shelf.ticket("1", client_id="1")
    cleo = whmcs.client(1)
    found = config(cleo.get(address(whmcs)))
    assert found["words"]["boost"] == "Get an invoice for this place?"
    assert ask(cleo, ticket="1", deskside_token=found["token"], **WANTED)["ok"]
    assert behind.asked[-1][1] == {
        "type": "boost.ask",
        "ticket": "1",
        "client": {"id": "1", "language": "en"},
        "kind": "front",
        "place": 1,
    }


def test_nobody_asks_without_a_token_for_another_or_as_staff_in_a_clients_name(whmcs: Whmcs, behind: Deskside) -> None:
    denied = {"ok": False, "denied": True}
    cleo, otto = whmcs.client(1), whmcs.client(2)
    token = config(cleo.get(address(whmcs)))["token"]
    assert ask(cleo, ticket="1", **WANTED) == denied
    assert ask(otto, ticket="1", deskside_token=token, **WANTED) == denied
    masquerade = whmcs.login(admin=1, client=1)
    own = config(masquerade.get(address(whmcs)))["token"]
    assert ask(masquerade, ticket="1", deskside_token=own, **WANTED) == denied
    assert behind.asked == []


def test_an_agent_asks_for_the_client(whmcs: Whmcs, behind: Deskside) -> None:
    behind.shelf.ticket("1", client_id="1")
    ann = whmcs.admin(1)
    token = config(ann.get(whmcs.admin_path("supporttickets.php"), action="view", id=1))["token"]
    path = whmcs.admin_path("addonmodules.php?module=deskside&action=boost.ask")
    assert ann.post(path, {"ticket": "1", "deskside_token": token, **WANTED}).json()["ok"]
    wanted = behind.asked[-1][1]
    assert (wanted["type"], wanted["kind"], wanted["place"], wanted["agent"]["id"]) == ("boost.ask", "front", 1, "1")
    assert "client" not in wanted


# The whole way


class Nothing:
    """PHP sends when a page is done: nothing is left to wait for."""

    def drain(self, seconds: float) -> bool:
        return True


@dataclass
class Both:
    """A WHMCS in PHP with the real addon, and a Deskside that works."""

    whmcs: Whmcs
    deskside: Running

    def boost(self) -> Row | None:
        with reading(self.deskside.database) as connection:
            found = boosts.of_ticket(connection, "whmcs", "1")
        return found[0] if found else None

    def until(self, state: BoostState) -> Row:
        def reached() -> bool:
            found = self.boost()
            return found is not None and found.state == state

        self.deskside.until(reached, state.value)
        found = self.boost()
        assert found is not None
        return found

    def first(self) -> str:
        """The number of the ticket at the head."""
        with reading(self.deskside.database) as connection:
            rows = tickets.waiting(connection)
        return str(min(rows, key=lambda row: (row.key, row.id)).ticket_id)


@pytest.fixture
def both(database: sa.Engine, database_url: str, tmp_path: Path) -> Iterator[Both]:
    if lacking := missing():
        pytest.skip(lacking)
    database.dispose()
    with running_whmcs([patient(packed(tmp_path, "http://127.0.0.1:9"))]) as whmcs:
        whmcs.activate("deskside", {"settings_roles": "1"})
        identifier, secret = whmcs.api_credential()
        # Another client's came before the ticket of the double, both within the window.
        now = datetime.now(UTC)
        earlier, later = (f"{now - timedelta(minutes=ago):%Y-%m-%d %H:%M:%S}" for ago in (30, 10))
        row = {name: value for name, value in whmcs.table("tbltickets")[0].items() if name != "id"}
        other = {"tid": "OLD-1", "c": "x", "userid": 2, "date": earlier, "lastreply": earlier}
        whmcs.insert("tbltickets", {**row, **other})
        whmcs.execute("UPDATE tbltickets SET date = ?, lastreply = ? WHERE id = 1", later, later)
        environment = {
            "DESKSIDE_WHMCS__URL": whmcs.base_url,
            "DESKSIDE_WHMCS__IDENTIFIER": identifier,
            "DESKSIDE_WHMCS__SECRET": secret,
            "DESKSIDE_WHMCS__WEBHOOK_SECRET": SECRET,
            "DESKSIDE_JOBS__RECONCILE_SECONDS": "1",
            "DESKSIDE_QUEUE__BOOSTS__FRONT__EUR": "9",
        }
        with running(database_url, environment) as (parts, url):
            whmcs.insert("mod_deskside_state", {"name": "setting_address", "value": url})
            made = Both(whmcs, Running(Nothing(), parts, url))
            made.deskside.until(lambda: made.deskside.ticket(1) and made.deskside.ticket(2), "both are known")
            yield made
        assert whmcs.errors() == []


def test_from_the_clients_page_to_the_invoice_to_the_place_and_back(both: Both) -> None:
    whmcs = both.whmcs
    assert both.first() == "2"
    cleo = whmcs.client(1)
    token = config(cleo.get(address(whmcs)))["token"]
    shown = ask(cleo, "place", ticket="1", deskside_token=token)["html"]
    assert 'value="front 1"' in shown
    assert ask(cleo, ticket="1", deskside_token=token, **WANTED)["made"]
    invoice = int(both.until(BoostState.INVOICED).invoice_id)
    (row,) = [row for row in whmcs.table("tblinvoices") if row["id"] == invoice]
    assert (row["status"], Decimal(str(row["total"])), row["userid"]) == ("Unpaid", Decimal(9), 1)
    page = ask(cleo, "place", ticket="1", deskside_token=token)["html"]
    assert f"{whmcs.base_url}/viewinvoice.php?id={invoice}" in page
    whmcs.invoice(invoice, "Paid")
    both.until(BoostState.GRANTED)
    assert both.first() == "1"
    whmcs.invoice(invoice, "Refunded")
    both.until(BoostState.REVOKED)
    assert both.first() == "2"
    assert whmcs.table("tblcredit") == []


def test_who_paid_for_nothing_has_the_credit_in_whmcs(both: Both) -> None:
    whmcs = both.whmcs
    cleo = whmcs.client(1)
    token = config(cleo.get(address(whmcs)))["token"]
    assert ask(cleo, ticket="1", deskside_token=token, **WANTED)["made"]
    invoice = int(both.until(BoostState.INVOICED).invoice_id)
    whmcs.execute("UPDATE tbltickets SET status = 'Closed' WHERE id = 2")
    both.deskside.until(lambda: both.first() == "1", "it is first by itself")
    whmcs.invoice(invoice, "Paid")
    assert both.until(BoostState.RETURNED).why == "same"
    (credit,) = whmcs.table("tblcredit")
    assert (credit["clientid"], Decimal(str(credit["amount"]))) == (1, Decimal(9))
