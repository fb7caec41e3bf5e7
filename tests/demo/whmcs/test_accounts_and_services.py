from datetime import date
from decimal import Decimal

import pytest

from deskside.demo.whmcs import SimulatedWhmcs
from deskside.demo.whmcs.hands import PASSWORD_CANARY
from tests.demo.whmcs.tools import Caller


def test_since_when_somebody_is_a_client_stands_only_in_the_list(whmcs: SimulatedWhmcs, api: Caller) -> None:
    client = whmcs.add_client("Ada O'Neill", "ada@client.example", since=date(2019, 5, 1))
    assert api.ask("GetClients")["clients"]["client"][0]["datecreated"] == "2019-05-01"
    details = api.ask("GetClientsDetails", clientid=client, stats="1")
    assert "datecreated" not in details["client"]
    assert details["client"]["id"] == details["id"] == "1"


@pytest.mark.parametrize(
    ("search", "count"), [("ada@", 1), ("O'Ne", 1), ("Ada O", 1), ("Client &", 1), ("client.example", 0), ("0151", 0)]
)
def test_clients_are_searched_from_the_beginning_and_not_by_telephone(
    whmcs: SimulatedWhmcs, api: Caller, search: str, count: int
) -> None:
    whmcs.add_client("Ada O'Neill", "ada@client.example", company="Client & Sons", phone="0151 234")
    assert api.ask("GetClients", search=search)["totalresults"] == count


def test_who_logs_in_is_not_the_client(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    user = whmcs.add_user("Pavel Dietz", "pavel@client.example", client)
    users = api.ask("GetClientsDetails", email="ADA@client.example")["client"]["users"]["user"]
    assert [(row["is_owner"], row["id"] == str(client)) for row in users] == [(True, False), (False, False)]
    whmcs.access.refused.clear()
    found = api.ask("GetUsers", search="pavel")["users"]
    assert found[0]["id"] == user
    assert found[0]["clients"] == [{"id": client, "isOwner": False}]


def test_a_client_that_is_not_there_is_a_business_error(api: Caller) -> None:
    assert api.error("GetClientsDetails", clientid=9) == (200, "Client Not Found")
    assert api.error("GetClientsDetails") == (200, "Either clientid Or email Is Required")


def test_statistics_are_text_for_people(whmcs: SimulatedWhmcs, api: Caller, client: int, ticket: int) -> None:
    whmcs.add_payment(client, "2645.80")
    stats = api.ask("GetClientsDetails", clientid=client, stats="1")["stats"]
    assert (stats["income"], stats["numtickets"], stats["numactivetickets"]) == ("$2645.80 USD", "1", "1")


def test_contacts_are_found_by_telephone_and_clients_are_none(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    whmcs.add_contact(client, "Bea Books", "bea@client.example", "0151 9")
    assert api.ask("GetContacts", phonenumber="0151 9")["contacts"]["contact"][0]["userid"] == str(client)
    assert api.ask("GetContacts", phonenumber="0151")["totalresults"] == "0"


def test_a_product_comes_with_its_password_in_clear(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    machine = whmcs.add_server("Saturn", "saturn.example", "192.0.2.7")
    service = whmcs.add_service(
        client,
        "Server",
        "client.example",
        serverid=machine,
        assignedips="192.0.2.8\r\n192.0.2.9",
        custom={"OS": "Linux"},
    )
    whmcs.add_service(client, "Old", "old.example", status="Terminated")
    products = api.ask("GetClientsProducts", clientid=client)["products"]["product"]
    assert [row["status"] for row in products] == ["Active", "Terminated"]
    first = products[0]
    assert (first["password"], first["serverip"]) == (PASSWORD_CANARY, "192.0.2.7")
    assert (first["assignedips"], first["dedicatedip"]) == ("192.0.2.8\r\n192.0.2.9", "")
    assert first["customfields"]["customfield"][0]["value"] == "Linux"
    assert first["configoptions"] == {"configoption": []}
    by_domain = api.ask("GetClientsProducts", domain="old.example")["products"]["product"]
    assert [row["name"] for row in by_domain] == ["Old"]
    assert PASSWORD_CANARY not in repr(whmcs.state.services[service])


def test_machines_come_in_a_flat_list(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    machine = whmcs.add_server("Saturn", "saturn.example", "192.0.2.7")
    whmcs.add_server("Pluto", "pluto.example", "192.0.2.6")
    service = whmcs.add_service(client, "Server", "client.example", serverid=machine)
    rows = api.ask("GetServers")["servers"]
    assert [(row["id"], row["activeServices"]) for row in rows] == [(1, 1), (2, 0)]
    assert "status" not in rows[0]
    only = api.ask("GetServers", serviceId=service, fetchStatus="1")["servers"]
    assert [(row["name"], row["status"]["http"]) for row in only] == [("Saturn", True)]


def test_administrators_are_listed_but_for_the_disabled(whmcs: SimulatedWhmcs, api: Caller, agent: int) -> None:
    whmcs.add_admin("Old Hand", "old", "old@desk.example", disabled=True)
    rows = api.ask("GetAdminUsers")["admin_users"]
    assert [row["fullName"] for row in rows] == ["Deskside Robot", "Mira Holt"]
    assert rows[1]["supportDepartmentIds"] == [1]
    assert api.ask("GetAdminUsers", include_disabled="true", email="old")["count"] == 1


def test_the_caller_learns_its_departments_and_the_version(whmcs: SimulatedWhmcs, api: Caller, department: int) -> None:
    assert api.ask("GetAdminDetails")["departments"] == ""
    whmcs.state.admins[whmcs.api_admin_id].departments = {department, 7}
    details = api.ask("GetAdminDetails")
    assert (details["departments"], details["whmcs"]["version"]) == (",1,7,", "8.13.1")
    assert "API Access" in details["allowedpermissions"].split(",")


def test_groups_have_names(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.add_group("VIP")
    assert api.ask("GetClientGroups")["groups"]["group"][0]["groupname"] == "VIP"


def test_spend_is_the_sum_of_what_came_in_less_what_went_back(whmcs: SimulatedWhmcs, api: Caller, client: int) -> None:
    invoice = whmcs.add_invoice(client, [("Hosting", Decimal("20.00"))])
    whmcs.pay(invoice)
    whmcs.add_payment(client, 5)
    whmcs.refund(invoice)
    rows = api.ask("GetTransactions", clientid=client)["transactions"]["transaction"]
    assert sum(Decimal(row["amountin"]) - Decimal(row["amountout"]) for row in rows) == 5
    assert (rows[0]["currency"], rows[0]["rate"], rows[2]["refundid"]) == ("0", "1.00000", rows[0]["id"])
    assert len(api.ask("GetTransactions", invoiceid=invoice)["transactions"]["transaction"]) == 2
