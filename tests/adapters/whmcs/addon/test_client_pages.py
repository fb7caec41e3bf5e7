"""What a client sees in WHMCS: the own place, in any theme, and nothing of anybody else."""

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from adapters.whmcs.signature import portal_secret
from deskside.errors import NotAuthentic
from push.subscribers import identity
from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import Visitor, Whmcs
from tests.webhooks.embedding import SECRET

CONFIG = re.compile(r'data-deskside="([^"]*)"')


def address(whmcs: Whmcs, number: int = 1) -> str:
    """The address of a ticket, as its mail has it: whoever holds `c` may look."""
    row = next(row for row in whmcs.table("tbltickets") if row["id"] == number)
    return f"/viewticket.php?tid={row['tid']}&c={row['c']}"


def config(page: requests.Response) -> dict[str, Any] | None:
    found = CONFIG.search(page.text)
    return json.loads(html.unescape(found[1])) if found else None


def ask(visitor: Visitor, **fields: str) -> dict[str, Any]:
    answer: dict[str, Any] = visitor.post("/index.php?m=deskside&action=place", fields).json()
    return answer


@pytest.mark.parametrize("theme", ["twenty-one", "six", "nobody-knows-it"])
def test_the_own_ticket_shows_the_own_place_in_any_theme(whmcs: Whmcs, behind: Deskside, theme: str) -> None:
    whmcs.configure("Template", theme)
    behind.shelf.ticket("9", minute=0)
    behind.shelf.ticket("1", minute=10, client_id="1")
    cleo = whmcs.client(1)
    found = config(cleo.get(address(whmcs)))
    assert found is not None
    assert found["ticket"] == "1"
    answer = ask(cleo, ticket="1", deskside_token=found["token"])
    assert "1 request before yours" in answer["html"]
    assert behind.asked == [("/embed/whmcs", {"type": "place", "ticket": "1", "client": {"id": "1", "language": "en"}})]


def test_others_see_no_place_even_with_the_link(whmcs: Whmcs, behind: Deskside) -> None:
    behind.shelf.ticket("1", client_id="1")
    otto = whmcs.client(2)
    found = config(otto.get(address(whmcs)))
    assert found is not None
    assert "ticket" not in found
    assert config(whmcs.stranger().get(address(whmcs))) is None
    cleos = config(whmcs.client(1).get(address(whmcs)))
    assert cleos is not None
    assert ask(otto, ticket="1", deskside_token=cleos["token"]) == {"ok": False, "denied": True}
    assert ask(whmcs.stranger(), ticket="1", deskside_token=cleos["token"]) == {"ok": False, "denied": True}
    assert behind.asked == []


def test_what_opens_the_ticket_never_leaves(whmcs: Whmcs, behind: Deskside) -> None:
    cleo = whmcs.client(1)
    link = address(whmcs)
    secret = link.rpartition("=")[2]
    page = cleo.get(link)
    found = config(page)
    assert found is not None
    ask(cleo, ticket="1", deskside_token=found["token"])
    assert secret not in json.dumps(found)
    assert secret not in repr(behind.asked)
    assert secret not in repr(whmcs.activity())


def test_pushes_are_offered_to_clients_and_not_to_staff_who_look_as_one(whmcs: Whmcs, behind: Deskside) -> None:
    offered = config(whmcs.client(1).get("/clientarea.php"))
    assert offered is not None
    assert set(offered) == {"push", "identity"}
    assert offered["push"] == f"{behind.url}/push/deskside.js"
    masquerade = whmcs.login(admin=1, client=1)
    assert config(masquerade.get("/clientarea.php")) is None
    on_ticket = config(masquerade.get(address(whmcs)))
    assert on_ticket is not None
    assert "push" not in on_ticket
    assert config(whmcs.stranger().get("/index.php")) is None


def test_the_offer_tells_who_is_signed_in_so_that_only_deskside_believes_it(whmcs: Whmcs) -> None:
    offered = config(whmcs.client(1).get("/clientarea.php"))
    assert offered is not None
    said = identity.read(offered["identity"], lambda desk: [portal_secret(SECRET)], datetime.now(UTC))
    assert (said.desk, said.client_id, said.language) == ("whmcs", "1", "en")
    assert said.person
    with pytest.raises(NotAuthentic):
        identity.read(offered["identity"], lambda desk: [SECRET], datetime.now(UTC))


def test_pushes_can_be_switched_off(whmcs: Whmcs) -> None:
    whmcs.insert("mod_deskside_state", {"name": "setting_push", "value": "off"})
    assert config(whmcs.client(1).get("/clientarea.php")) is None


def test_a_client_who_writes_is_told_of_by_id(whmcs: Whmcs, behind: Deskside) -> None:
    cleo = whmcs.client(1)
    cleo.post(address(whmcs), {"postreply": "1", "replymessage": "Any news?"})
    whmcs.cron()
    bodies = [json.loads(row.body) for row in behind.stored()]
    assert {"type": "ticket.client_replied", "ticket": "1", "by": {"client": "1"}} in [
        {key: value for key, value in body.items() if key != "at"} for body in bodies
    ]
    assert "Any news" not in repr(bodies)
