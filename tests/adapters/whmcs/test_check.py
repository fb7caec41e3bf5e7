"""`deskside check` on WHMCS: every needed action is tried, nothing is changed, each refusal has its cure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.whmcs.desk import WhmcsDesk
from adapters.whmcs.settings import Settings
from deskside.commandline import main
from deskside.ports import CheckResult
from tests.adapters.whmcs.conftest import MemoryBindings
from tests.adapters.whmcs.install import Answer, Install, listed, page, refusal

WRITING = ("AddTicketNote", "UpdateTicket", "AddTicketReply")


@pytest.fixture
def good(install: Install, bindings: MemoryBindings) -> None:
    """An installation on which everything is as it should be."""
    bindings.values["webhook_secret"] = "whsec_" + "x" * 40
    install.on("GetTicket", refusal("Ticket ID not found"))
    install.on("GetTicketNotes", refusal("Ticket ID not found"))
    install.on("AddTicketNote", refusal("Ticket ID not found"))
    install.on("GetClientsDetails", refusal("Client Not Found"))
    install.on("GetSupportStatuses", Answer({"result": "success", "statuses": ""}))
    install.on("GetClientsDomains", Answer({"result": "success", "domains": ""}))


def failed(results: object) -> list[CheckResult]:
    return [result for result in results if not result.ok]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("good")
def test_a_good_installation_passes_and_says_who_we_are(desk: WhmcsDesk, bindings: MemoryBindings) -> None:
    results = desk.check()
    assert failed(results) == []
    assert results[0].message == "acting as Deskside Robot in WHMCS 8.13.1-release.1"
    assert bindings.values["own_admin"] == "9"


@pytest.mark.usefixtures("good")
def test_nothing_is_written(install: Install, settings: Settings, bindings: MemoryBindings) -> None:
    WhmcsDesk(replace(settings, write_priority=True), bindings, frozenset).check()
    written = [asked for asked in install.seen if asked.action in WRITING]
    assert {asked.action for asked in written} == {"AddTicketNote", "UpdateTicket"}
    assert {asked.parameters["ticketid"] for asked in written} == {"0"}


@pytest.mark.parametrize(
    ("message", "status", "cure"),
    [
        ("Authentication Failed", 403, "whmcs.secret"),
        ("Invalid or missing credentials", 403, "whmcs.identifier"),
        ("Invalid IP 2001:db8::9", 403, "IPv6"),
        ("Invalid IP 203.0.113.9", 403, "API IP Access Restriction"),
        ("Administrator Account Disabled", 403, "enable"),
        ("An admin user is required", 200, "/includes/api.php"),
    ],
)
def test_who_is_not_let_in_gets_one_line_with_cause_and_cure(
    install: Install, desk: WhmcsDesk, *, message: str, status: int, cure: str
) -> None:
    install.on("GetAdminDetails", refusal(message, status))
    (result,) = desk.check()
    assert not result.ok
    assert message in result.message
    assert cure in result.cure
    assert len(install.seen) == 1


def test_a_firewall_is_told_from_whmcs(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetAdminDetails", Answer("<html>Forbidden</html>", 403))
    (result,) = desk.check()
    assert "firewall" in result.cure


def test_a_whmcs_that_does_not_answer_is_one_line(install: Install, desk: WhmcsDesk) -> None:
    install.on("GetAdminDetails", Answer("oops", 503))
    (result,) = desk.check()
    assert (result.ok, result.cure) == (False, "try again later")


NEEDED = (
    "GetTickets", "GetTicket", "GetTicketNotes", "AddTicketNote", "GetSupportDepartments", "GetSupportStatuses",
    "GetAdminUsers", "GetClientsDetails", "GetClientsProducts",
)  # fmt: skip


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize("action", NEEDED)
def test_each_needed_action_that_a_role_lacks_is_named(install: Install, desk: WhmcsDesk, action: str) -> None:
    install.on(action, refusal(f'Invalid Permissions: API action "{action.lower()}" is not allowed', 403))
    found = {result.name: result for result in failed(desk.check())}
    assert f'"{action.lower()}"' in found[f"whmcs {action}"].message
    assert "API role" in found[f"whmcs {action}"].cure


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize("action", ["GetClients", "GetTransactions", "GetClientsDomains"])
def test_what_is_only_nice_to_have_says_what_is_lost(install: Install, desk: WhmcsDesk, action: str) -> None:
    install.on(action, refusal("Invalid Permissions", 403))
    results = {result.name: result for result in desk.check()}
    assert results[f"whmcs {action}"].ok
    assert "is not allowed, so" in results[f"whmcs {action}"].message


@pytest.mark.usefixtures("good")
def test_a_ticket_of_the_future_shows_the_wrong_zone(
    install: Install, settings: Settings, bindings: MemoryBindings
) -> None:
    told = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S")
    install.on("GetTickets", page(listed(lastreply=told)))
    wrong = WhmcsDesk(replace(settings, timezone="UTC"), bindings, frozenset)
    (result,) = failed(wrong.check())
    assert result.name == "whmcs timezone"
    assert "whmcs.timezone" in result.cure


@pytest.mark.usefixtures("good")
def test_without_a_secret_connect_is_the_cure(desk: WhmcsDesk, bindings: MemoryBindings) -> None:
    bindings.values.clear()
    (result,) = failed(desk.check())
    assert "deskside connect whmcs" in result.cure


def test_it_is_a_line_each_on_the_command_line(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DESKSIDE_WHMCS__URL", install.url + "/includes/api.php")
    monkeypatch.setenv("DESKSIDE_WHMCS__IDENTIFIER", "id")
    monkeypatch.setenv("DESKSIDE_WHMCS__SECRET", "canary-secret")
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    install.on("GetAdminDetails", refusal("Invalid IP 203.0.113.9", 403))
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 1
    assert "FAIL whmcs credential: GetAdminDetails: Invalid IP 203.0.113.9" in done.output
    assert "cure: add this address to General Settings" in done.output
    assert "whmcs tells them with a client's first ticket" in done.output
    assert "canary" not in done.output
