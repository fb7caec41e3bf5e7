"""An event is never lost, goes once, and never holds up a page for long."""

from typing import Any

import pytest

from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import SECRETS, Whmcs

OUTBOX = "mod_deskside_outbox"


def waiting(whmcs: Whmcs) -> list[dict[str, Any]]:
    return [row for row in whmcs.table(OUTBOX) if row["sent_at"] is None]


def due(whmcs: Whmcs) -> None:
    """As if the delay and the breaker's minute had passed."""
    whmcs.execute(f"UPDATE {OUTBOX} SET next_at = 0 WHERE sent_at IS NULL")
    whmcs.execute("UPDATE mod_deskside_state SET value = '0' WHERE name = 'breaker_until'")


def write(whmcs: Whmcs, text: str = "We look into it.", ticket: int = 1) -> int:
    """Ada writes a note; the status of the page. (A reply asks Deskside for its lock first.)"""
    fields = {"postreply": "1", "postaction": "note", "message": text}
    path = whmcs.admin_path(f"supporttickets.php?action=viewticket&id={ticket}")
    return whmcs.admin().post(path, fields, follow=False).status_code


def test_what_happens_is_told_with_the_page_that_did_it(whmcs: Whmcs, behind: Deskside) -> None:
    assert write(whmcs) == 302
    stored = behind.stored()
    assert [(row.type, row.ticket_id) for row in stored] == [("ticket.note_added", "1")]
    assert b'"by":{"admin":"1"}' in stored[0].body
    assert behind.types() == ["ticket.note_added"]


def test_one_push_a_page_and_cron_tells_the_rest(whmcs: Whmcs, behind: Deskside) -> None:
    close_both = {"close": "1", "selectedtickets[]": ["1", "1"]}
    whmcs.admin().post(whmcs.admin_path("supporttickets.php"), close_both)
    rest = waiting(whmcs)
    assert len(behind.stored()) == 1
    assert rest
    cron = whmcs.cron()
    assert (cron.status, cron.errors) == (0, "")
    assert len(behind.stored()) == 1 + len(rest)
    assert waiting(whmcs) == []
    whmcs.cron()
    assert len(behind.stored()) == 1 + len(rest)


@pytest.mark.parametrize("how", ["away", "silent"])
def test_while_deskside_is_away_the_page_comes_and_the_event_waits(whmcs: Whmcs, behind: Deskside, how: str) -> None:
    behind.go() if how == "away" else behind.fall_silent()
    assert write(whmcs) == 302
    (row, *_rest) = waiting(whmcs)
    assert row["tries"] == 1
    assert row["last_error"] == (
        "Deskside takes no connections" if how == "away" else "Deskside did not answer in time"
    )
    assert any("nothing is asked of it for a minute" in line for line in whmcs.activity())
    behind.come()
    due(whmcs)
    whmcs.cron()
    assert "ticket.note_added" in behind.types()
    assert waiting(whmcs) == []


def test_after_a_failure_nobody_asks_for_a_minute(whmcs: Whmcs, behind: Deskside) -> None:
    behind.answer_with = 503
    write(whmcs)
    asked = len(behind.asked)
    write(whmcs, "Again")
    whmcs.admin().get(whmcs.admin_path("supporttickets.php"), action="view", id=1)
    assert len(behind.asked) == asked
    assert all(row["tries"] <= 1 for row in waiting(whmcs))


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "does not accept the signature"), (409, "answered 409"), (503, "answered 503"), (404, "no WHMCS desk")],
)
def test_a_refusal_is_kept_and_tried_again_later(whmcs: Whmcs, behind: Deskside, status: int, said: str) -> None:
    behind.answer_with = status
    write(whmcs)
    tried = [row for row in waiting(whmcs) if row["tries"] == 1]
    assert len(tried) == 1
    assert said in tried[0]["last_error"]
    behind.answer_with = None
    due(whmcs)
    whmcs.cron()
    assert "ticket.note_added" in behind.types()


def test_a_wrong_secret_is_a_real_401(whmcs: Whmcs, behind: Deskside) -> None:
    behind.change_secret("whsec_YW5vdGhlciBzZWNyZXQ=")
    write(whmcs)
    assert "401" in waiting(whmcs)[0]["last_error"]
    assert behind.stored() == []


def test_the_same_event_sent_twice_is_stored_once(whmcs: Whmcs, behind: Deskside) -> None:
    write(whmcs)
    whmcs.cron()
    stored = len(behind.stored())
    # As if the answer had been lost on its way.
    whmcs.execute(f"UPDATE {OUTBOX} SET sent_at = NULL, next_at = 0")
    whmcs.cron()
    assert waiting(whmcs) == []
    assert len(behind.stored()) == stored
    assert len([path for path, _ in behind.asked if path == "/webhooks/whmcs"]) == 2 * stored


def test_cron_stops_at_the_first_failure_and_waits_longer_each_time(whmcs: Whmcs, behind: Deskside) -> None:
    behind.go()
    for number in range(3):
        write(whmcs, f"Note {number}")
    due(whmcs)
    whmcs.cron()
    rows = sorted(waiting(whmcs), key=lambda row: row["id"])
    assert [row["tries"] for row in rows[:2]] == [2, 0]
    first = rows[0]["next_at"]
    due(whmcs)
    whmcs.cron()
    again = min(waiting(whmcs), key=lambda row: row["id"])
    assert again["tries"] == 3
    assert again["next_at"] - first > 60


def test_an_event_that_deskside_cannot_read_holds_up_nothing(whmcs: Whmcs, behind: Deskside) -> None:
    behind.go()
    write(whmcs)
    whmcs.execute(f"UPDATE {OUTBOX} SET body = 'no json' WHERE id = (SELECT MIN(id) FROM {OUTBOX})")
    whmcs.fire("TicketClose", {"ticketid": 1})
    behind.come()
    due(whmcs)
    whmcs.cron()
    assert [row["body"] for row in waiting(whmcs)] == ["no json"]
    assert "ticket.closed" in behind.types()


def test_old_rows_are_pruned_and_given_up_ones_named(whmcs: Whmcs, behind: Deskside) -> None:
    write(whmcs)
    whmcs.cron()
    behind.go()
    whmcs.fire("TicketClose", {"ticketid": 1})
    whmcs.execute(f"UPDATE {OUTBOX} SET sent_at = 1 WHERE sent_at IS NOT NULL")
    whmcs.execute(f"UPDATE {OUTBOX} SET created_at = 1 WHERE sent_at IS NULL")
    whmcs.cron()
    assert whmcs.table(OUTBOX) == []
    assert any("1 events were never taken" in line for line in whmcs.activity())


def test_no_secret_of_whmcs_leaves_or_is_stored(whmcs: Whmcs, behind: Deskside) -> None:
    for command in ("Create", "Suspend", "Unsuspend", "Terminate"):
        whmcs.module_command(command, 1)
    invoice = whmcs.local_api("CreateInvoice", userid=1, status="Unpaid")
    if invoice.get("invoiceid"):
        whmcs.invoice(int(invoice["invoiceid"]), "Paid")
    whmcs.cron()
    assert "service.changed" in behind.types()
    secret_of_ticket = whmcs.query("SELECT c FROM tbltickets WHERE id = 1")[0]["c"]
    kept = repr(whmcs.table(OUTBOX)) + repr(behind.asked)
    for secret in (*SECRETS.values(), secret_of_ticket, "Since this morning", "Cleo"):
        assert secret not in kept


def test_a_table_that_is_gone_costs_a_line_in_the_log_and_no_page(whmcs: Whmcs) -> None:
    whmcs.execute(f"DROP TABLE {OUTBOX}")
    whmcs.execute("DROP TABLE mod_deskside_state")
    assert write(whmcs) == 302
    page = whmcs.admin().get(whmcs.admin_path("supporttickets.php"), action="view", id=1)
    assert "We look into it." in page.text
    lines = [line for line in whmcs.activity() if line.startswith("Deskside: ")]
    assert lines
    assert not any("select" in line.lower() or "insert" in line.lower() for line in lines)


def test_types_that_are_switched_off_are_not_sent(whmcs: Whmcs, behind: Deskside) -> None:
    whmcs.insert("mod_deskside_state", {"name": "setting_events_off", "value": "ticket.note_added"})
    write(whmcs)
    whmcs.cron()
    assert "ticket.note_added" not in behind.types()


def test_deactivating_removes_its_tables(whmcs: Whmcs) -> None:
    assert whmcs.deactivate("deskside")["status"] == "success"
    assert not whmcs.has_table(OUTBOX)
    assert not whmcs.has_table("mod_deskside_state")


def test_a_strict_database_takes_every_write(whmcs_on_mariadb: Whmcs, behind: Deskside) -> None:
    whmcs = whmcs_on_mariadb
    behind.go()
    write(whmcs)
    assert waiting(whmcs)[0]["tries"] == 1
    behind.come()
    due(whmcs)
    whmcs.cron()
    assert waiting(whmcs) == []
    assert "ticket.note_added" in behind.types()
    assert not [line for line in whmcs.activity() if "not recorded" in line or "not sent" in line]
