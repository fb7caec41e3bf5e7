"""The port on WHMCS."""

import json
import logging
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapters.whmcs.desk import WhmcsDesk
from adapters.whmcs.settings import Settings
from adapters.whmcs.signature import portal_secret
from deskside.errors import Gone, Permanent, Transient, UnknownOutcome
from deskside.model.effect import Note, Placement, Receipt, TagChange
from deskside.model.ticket import Agent, Status
from deskside.ports import Correspondence, Inventory, Portal
from tests.adapters.whmcs.conftest import MemoryBindings
from tests.adapters.whmcs.install import (
    Answer,
    Asked,
    Install,
    listed,
    page,
    paged,
    product,
    products,
    refusal,
    reply,
    shown,
    transactions,
)
from tests.adapters.whmcs.memory import Canary

NOTE = Note("abc123", ("shop is down", "<b>since ten</b>"))
CLOSED = shown(status="Closed")


def test_a_ticket_with_everything_around_it(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetTicket", shown(reply(8, "2026-11-01 11:00:00", "Eve Online"), flag="3", status="Answered"))
    paid = {"id": 1, "date": datetime.now(UTC).strftime("%Y-%m-%d 00:00:00"), "amountin": "120.00", "rate": "1.00000"}
    install.on("GetTransactions", transactions(paid))
    ticket = desk.read_ticket("5")
    assert (ticket.desk, ticket.id, ticket.subject, ticket.text) == ("whmcs", "5", "It's down", "since ten <b>")
    assert (ticket.status, ticket.pool, ticket.priority) == (Status.PENDING, "Support & Sales", "medium")
    assert ticket.created_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert ticket.updated_at == ticket.first_reply_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert ticket.agent == Agent("3", "Eve Online")
    assert ticket.language == "ru"
    assert ticket.fields == {"service": "Shop.Acme.example", "service_id": "S31", "status": "Answered"}
    client = ticket.client
    assert (client.id, client.name, client.tags) == ("7", "Acme & Sons", {"group_3"})
    assert client.fields == {"plan": "business"}
    assert (client.since, client.monthly_spend) == (date(2019, 5, 6), Decimal("10.00"))


def test_a_guests_ticket_asks_for_no_client(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetTicket", shown(userid="0", service="", requestor_name="", name="Guest"))
    ticket = desk.read_ticket("5")
    assert ticket.client.name == "Guest"
    assert ticket.client.monthly_spend is None
    assert desk.services(ticket.client) == ()
    assert {asked.action for asked in install.seen} == {"GetTicket"}


@pytest.mark.parametrize("answer", [refusal("Ticket ID not found"), refusal("Ticket ID Not Found"), Answer({})])
def test_a_ticket_that_is_not_there_is_gone(install: Install, desk: WhmcsDesk, answer: Answer) -> None:
    install.on("GetTicket", answer)
    with pytest.raises(Gone):
        desk.read_ticket("5")


@pytest.mark.parametrize("ticket_id", ["", "0", "abc", "5&action=DeleteTicket", "٥"])
def test_only_numbers_are_asked_for(install: Install, desk: WhmcsDesk, ticket_id: str) -> None:
    with pytest.raises(Gone):
        desk.read_ticket(ticket_id)
    assert install.seen == []


@pytest.mark.parametrize("action", ["GetClientsDetails", "GetClients", "GetTransactions", "GetClientsProducts"])
def test_what_may_not_be_seen_costs_no_ticket(install: Install, desk: WhmcsDesk, action: str) -> None:
    install.on(action, refusal(f'Invalid Permissions: API action "{action.lower()}" is not allowed', 403))
    assert desk.read_ticket("5").client.id == "7"


def test_a_client_that_was_deleted_does_not_take_the_ticket_along(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetClientsDetails", refusal("Client Not Found"))
    assert desk.read_ticket("5").client.name == "Ann Smith"


@pytest.mark.parametrize("action", ["GetClientsDetails", "GetTransactions"])
def test_what_fails_for_now_is_tried_again_once_and_then_gone_without(
    install: Install, desk: WhmcsDesk, action: str
) -> None:
    install.on(action, Answer("oops", 503))
    with pytest.raises(Transient):
        desk.read_ticket("5")
    assert desk.read_ticket("5").client.id == "7"


def test_a_client_has_services(desk: WhmcsDesk) -> None:
    assert isinstance(desk, Inventory)
    ticket = desk.read_ticket("5")
    (service,) = desk.services(ticket.client)
    assert service.client in ticket.client.aliases
    assert service.name == ticket.fields["service"]


# Changes


def test_the_digest_of_a_listed_ticket_is_that_of_the_ticket(install: Install, desk: WhmcsDesk) -> None:
    for changes in ({}, {"flag": "3"}, {"userid": "0"}, {"status": "Closed"}, {"subject": "&lt;b&gt; &amp;amp;"}):
        install.on("GetTicket", shown(**changes))
        install.on("GetTickets", page(listed(**changes)))
        (sighting,) = desk.changes(None).sightings
        assert sighting.digest == desk.digest(desk.read_ticket("5"))


def test_a_listed_ticket_was_changed_by_its_last_reply(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetTickets", page(listed(lastreply="2026-11-01 12:00:00")))
    (sighting,) = desk.changes(None).sightings
    assert sighting.updated_at == datetime(2026, 11, 1, 11, tzinfo=UTC)
    assert sighting.status is Status.OPEN


def test_all_departments_and_all_pages_are_read_and_put_in_order(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetTickets", paged([listed(id=str(number)) for number in range(600, 0, -1)]))
    page_ = desk.changes(None)
    assert [sighting.ticket_id for sighting in page_.sightings] == [str(number) for number in range(1, 601)]
    assert page_.more is False
    asked = [asked.parameters for asked in install.asked("GetTickets")]
    assert sorted(int(one["limitstart"]) for one in asked) == [0, 250, 500]
    assert {one["limitnum"] for one in asked} == {"250"}
    assert {one["ignore_dept_assignments"] for one in asked} == {"1"}
    assert {one["status"] for one in asked} == {"All Active Tickets"}


@pytest.mark.parametrize("most", [25, 100])
def test_an_install_that_gives_smaller_pages_is_read_to_the_end(install: Install, desk: WhmcsDesk, most: int) -> None:
    install.on("GetTickets", paged([listed(id=str(number)) for number in range(1, 131)], most))
    assert len(desk.changes(None).sightings) == 130


def test_a_listing_that_does_not_tell_its_length_is_read_to_the_end(install: Install, desk: WhmcsDesk) -> None:
    rows = [listed(id=str(number)) for number in range(1, 521)]

    def answer(asked: object) -> Answer:
        body = dict(paged(rows)(asked).body)  # type: ignore[arg-type]
        del body["totalresults"]
        return Answer(body)

    install.on("GetTickets", answer)
    assert len(desk.changes(None).sightings) == 520


def test_a_ticket_that_is_not_listed_any_more_is_to_be_read_again(
    install: Install, desk: WhmcsDesk, unfinished: set[str]
) -> None:
    unfinished |= {"5", "6"}
    sightings = {sighting.ticket_id: sighting for sighting in desk.changes(None).sightings}
    assert sightings["6"].digest == ""
    assert not sightings["6"].status.waiting
    assert sightings["5"].digest
    assert [sighting.ticket_id for sighting in desk.changes(None).sightings] == ["5"]


def test_no_ticket_at_all_is_no_error(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetTickets", page())
    assert desk.changes(None).sightings == ()


def test_the_cursor_counts_the_rounds(desk: WhmcsDesk) -> None:
    first = desk.changes(None)
    second = desk.changes(first.cursor)
    assert json.loads(first.cursor)["round"] == 1
    assert json.loads(second.cursor)["round"] == 2
    for broken in ("", "x", "[]", '{"round": "many"}'):
        assert json.loads(desk.changes(broken).cursor)["round"] == 1


def test_the_pages_after_the_first_are_read_side_by_side_four_at_once(install: Install, desk: WhmcsDesk) -> None:
    four = threading.Barrier(4)
    pages = paged([listed(id=str(number)) for number in range(1, 9 * 250 + 1)])

    def answer(asked: Asked) -> Answer:
        if asked.parameters["limitstart"] != "0":
            four.wait(10)
        return pages(asked)

    install.on("GetTickets", answer)
    assert len(desk.changes(None).sightings) == 9 * 250
    assert install.most_at_once == 4


# Writing


def test_a_note_is_added_as_plain_text_and_found_again(install: Install, desk: WhmcsDesk) -> None:
    assert desk.add_note("5", NOTE) == Receipt()
    (asked,) = install.asked("AddTicketNote")
    assert asked.parameters["ticketid"] == "5"
    assert asked.parameters["message"] == "shop is down\n‹b›since ten‹/b›\n\n[deskside abc123]"
    assert "markdown" not in asked.parameters
    note = {"id": "41", "admin": "Robot", "date": "2026-11-01 12:00:00", "message": asked.parameters["message"]}
    install.on("GetTicketNotes", Answer({"result": "success", "notes": {"note": note}}))
    assert desk.find_note("5", "abc123") == Receipt("41")
    assert desk.find_note("5", "abc12") is None


def test_no_notes_are_no_note(desk: WhmcsDesk) -> None:
    assert desk.find_note("5", "abc123") is None


def test_nothing_is_written_to_a_closed_ticket(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetTicket", CLOSED)
    with pytest.raises(Gone, match="closed"):
        desk.add_note("5", NOTE)
    assert install.asked("AddTicketNote") == []


def test_an_unanswered_note_is_an_unknown_outcome_and_sent_once(install: Install, desk: WhmcsDesk) -> None:
    install.on("AddTicketNote", Answer("<html>", 502))
    with pytest.raises(UnknownOutcome):
        desk.add_note("5", NOTE)
    assert len(install.asked("AddTicketNote")) == 1


def test_a_note_that_is_refused_is_permanent(install: Install, desk: WhmcsDesk) -> None:
    install.on("AddTicketNote", refusal("Message is required"))
    with pytest.raises(Permanent):
        desk.add_note("5", NOTE)


def test_as_whom_we_write_is_known_before_the_first_writing(
    install: Install, desk: WhmcsDesk, bindings: MemoryBindings
) -> None:
    install.on("AddTicketNote", refusal("Message is required"))
    with pytest.raises(Permanent):
        desk.add_note("5", NOTE)
    assert bindings.values["own_admin"] == "9"
    hint = json.dumps({"type": "ticket.note_added", "ticket": "5", "by": {"admin": "9"}}).encode()
    assert desk.parse({}, hint).own


def test_tags_are_written_nowhere(install: Install, desk: WhmcsDesk) -> None:
    assert desk.change_tags("5", TagChange(("a",), ("b",))) == Receipt()
    assert install.seen == []


@pytest.mark.parametrize("band", ["emergency", "ahead", "normal"])
def test_no_priority_is_written_unless_that_is_allowed(install: Install, desk: WhmcsDesk, band: str) -> None:
    assert desk.set_placement("5", Placement(band, "000000000001")) == Receipt()
    assert install.seen == []


@pytest.mark.parametrize(
    ("band", "priority", "written"),
    [("emergency", "Medium", ["High"]), ("emergency", "High", []), ("ahead", "Low", []), ("normal", "High", [])],
)
def test_only_an_emergency_becomes_high_where_allowed(
    install: Install, settings: Settings, bindings: MemoryBindings, *, band: str, priority: str, written: list[str]
) -> None:
    install.on("GetTicket", shown(priority=priority))
    desk = WhmcsDesk(replace(settings, write_priority=True), bindings, frozenset)
    desk.set_placement("5", Placement(band, "000000000001"))
    assert [asked.parameters["priority"] for asked in install.asked("UpdateTicket")] == written


def test_a_ticket_is_opened_in_the_admin_area(settings: Settings, bindings: MemoryBindings, install: Install) -> None:
    desk = WhmcsDesk(replace(settings, admin_path="office"), bindings, frozenset)
    assert desk.ticket_url("5") == f"{install.url}/office/supporttickets.php?action=view&id=5"


# What must not get past the edge


def test_the_password_of_a_service_and_the_key_of_a_ticket_are_in_no_object_and_no_log(
    install: Install, desk: WhmcsDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    password, key, seen = Canary(), Canary(), Canary()
    install.on("GetClientsProducts", lambda _: products(product(password=password.sing(), name=seen.sing())))
    install.on("GetTicket", lambda _: shown(c=key.sing()))
    install.on("GetTickets", lambda _: page(listed(c=key.sing())))
    ticket = desk.read_ticket("5")
    kept = (ticket, desk.services(ticket.client), desk.changes(None))
    assert seen.holders(), "what is kept is not found either, so this proves nothing"
    assert password.holders() == []
    assert key.holders() == []
    assert seen.sing() in repr(kept)
    assert password.sing() not in caplog.text


def test_its_pages_sign_with_what_is_derived_from_each_secret_of_the_addon(
    settings: Settings, bindings: MemoryBindings
) -> None:
    bindings.values["webhook_secret"] = "packed"
    desk = WhmcsDesk(replace(settings, webhook_secret="new", webhook_secret_previous="old"), bindings, frozenset)
    assert isinstance(desk, Portal)
    assert desk.portal_secrets() == [portal_secret(secret) for secret in ("new", "old", "packed")]
    assert not {"new", "old", "packed"} & set(desk.portal_secrets())


def test_what_was_said_is_told_the_first_word_first(install: Install, desk: WhmcsDesk) -> None:
    later = (reply(9, "2026-11-01 12:00:00"), reply(8, "2026-11-01 11:00:00", "Eve Online", "Try &lt;b&gt; &amp; c"))
    install.on("GetTicket", shown(*later))
    assert isinstance(desk, Correspondence)
    told = desk.replies("5")
    assert [(item.from_agent, item.text) for item in told] == [
        (False, "since ten <b>"),
        (True, "Try <b> & c"),
        (False, "words"),
    ]
    assert told[1].author == "Eve Online"
    assert told[0].at == datetime(2026, 11, 1, 9, tzinfo=UTC)
