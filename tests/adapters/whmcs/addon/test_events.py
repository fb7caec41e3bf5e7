"""What leaves WHMCS for each hook: ids, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.whmcs.addon.php import run

SECRET = "never-leaves-WHMCS"
# What hooks are called with, as documented; `message`, `c` and passwords stand for all that must not leave.
VARS: dict[str, Any] = {
    "ticketid": "12",
    "ticketId": 12,
    "ticketmask": SECRET,
    "c": SECRET,
    "userid": 7,
    "adminid": 3,
    "adminId": "3",
    "admin": SECRET,
    "message": SECRET,
    "subject": SECRET,
    "invoiceid": 40,
    "invoice": {"model": SECRET},
    "id": "9",
    "announcementid": 5,
    "serviceid": 21,
    "params": {"serviceid": 21, "password": SECRET, "serverpassword": SECRET},
    "masterTicketId": 12,
    "mergedTicketIds": [13, "14"],
    "originalTicketId": 12,
    "newTicketID": 15,
}
EXPECTED = {
    "TicketOpen": ("ticket.opened", "ticket", ["12"], {"client": "7"}),
    "TicketOpenAdmin": ("ticket.opened", "ticket", ["12"], {"admin": "1"}),
    "TicketUserReply": ("ticket.client_replied", "ticket", ["12"], {"client": "7"}),
    "TicketAdminReply": ("ticket.agent_replied", "ticket", ["12"], {"admin": "1"}),
    "TicketAddNote": ("ticket.note_added", "ticket", ["12"], {"admin": "3"}),
    "TicketStatusChange": ("ticket.status_changed", "ticket", ["12"], {"admin": "3"}),
    "TicketClose": ("ticket.closed", "ticket", ["12"], {"admin": "1"}),
    "TicketPriorityChange": ("ticket.priority_changed", "ticket", ["12"], {"admin": "1"}),
    "TicketSubjectChange": ("ticket.subject_changed", "ticket", ["12"], {"admin": "1"}),
    "TicketDepartmentChange": ("ticket.department_changed", "ticket", ["12"], {"admin": "1"}),
    "TicketFlagged": ("ticket.flagged", "ticket", ["12"], {"admin": "1"}),
    "TicketDelete": ("ticket.deleted", "ticket", ["12"], {"admin": "3"}),
    "TicketMerge": ("ticket.merged", "ticket", ["12", "13", "14"], {"admin": "1"}),
    "TicketSplit": ("ticket.split", "ticket", ["12", "15"], {"admin": "1"}),
    "InvoicePaid": ("invoice.paid", "invoice", ["40"], None),
    "InvoiceRefunded": ("invoice.refunded", "invoice", ["40"], None),
    "InvoiceCancelled": ("invoice.cancelled", "invoice", ["40"], None),
    "InvoiceUnpaid": ("invoice.unpaid", "invoice", ["40"], None),
    "AfterModuleCreate": ("service.changed", "service", ["21"], None),
    "AfterModuleSuspend": ("service.changed", "service", ["21"], None),
    "AfterModuleUnsuspend": ("service.changed", "service", ["21"], None),
    "AfterModuleTerminate": ("service.changed", "service", ["21"], None),
    "AfterModuleChangePackage": ("service.changed", "service", ["21"], None),
    "ServiceEdit": ("service.changed", "service", ["21"], None),
    "AdminServiceEdit": ("service.changed", "service", ["21"], None),
    "NetworkIssueAdd": ("network_issue.opened", "network_issue", ["9"], None),
    "NetworkIssueReopen": ("network_issue.opened", "network_issue", ["9"], None),
    "NetworkIssueClose": ("network_issue.closed", "network_issue", ["9"], None),
    "NetworkIssueDelete": ("network_issue.closed", "network_issue", ["9"], None),
    "AnnouncementAdd": ("announcement.changed", "announcement", ["5"], None),
    "AnnouncementEdit": ("announcement.changed", "announcement", ["5"], None),
}
CODE = """
$_SESSION['adminid'] = 1;
$found = [];
foreach (WHMCS\\Module\\Addon\\Deskside\\Events::HOOKS as $hook) {
    $found[$hook] = WHMCS\\Module\\Addon\\Deskside\\Events::of($hook, json_decode($argv[1], true));
}
echo json_encode($found);
"""


@pytest.fixture(scope="module")
def told() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = run(CODE, json.dumps(VARS))
    return found


def test_every_hook_is_expected(told: dict[str, Any]) -> None:
    assert set(told) == set(EXPECTED)


@pytest.mark.parametrize("hook", EXPECTED)
def test_a_hook_tells_its_type_its_ids_and_who(told: dict[str, list[dict[str, Any]]], hook: str) -> None:
    kind, name, ids, by = EXPECTED[hook]
    payloads = told[hook]
    assert [payload[name] for payload in payloads] == ids
    for payload in payloads:
        assert payload["type"] == kind
        assert payload["at"].endswith("Z")
        assert payload.get("by") == by
        assert set(payload) <= {"type", "at", "by", name}


def test_nothing_but_ids_leaves(told: dict[str, Any]) -> None:
    assert SECRET not in json.dumps(told)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.integers()),
    st.dictionaries(st.sampled_from(["serviceid", "id"]), st.text(max_size=3)),
)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(VARS)), values))
def test_whatever_a_hook_is_called_with_only_numbers_are_ids(vars: dict[str, Any]) -> None:
    for payloads in run(CODE, json.dumps(vars).replace("\\u0000", "")).values():
        for payload in payloads:
            (identifier,) = (payload[name] for name in payload.keys() - {"type", "at", "by"})
            assert identifier.isascii()
            assert identifier.isdigit()
