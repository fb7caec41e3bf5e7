import pytest
import requests

from deskside.demo.whmcs import SimulatedWhmcs
from deskside.demo.whmcs.api import PATH
from tests.demo.whmcs.tools import Caller


def test_the_credential_travels_under_either_pair_of_names(whmcs: SimulatedWhmcs, api: Caller) -> None:
    assert api.ask("GetAdminDetails")["name"] == "Deskside Robot"
    renamed = {"identifier": None, "secret": None, "username": whmcs.identifier, "password": whmcs.secret}
    assert api.ask("GetAdminDetails", **renamed)["name"] == "Deskside Robot"


def test_an_action_is_found_whatever_its_case(api: Caller) -> None:
    assert api.ask("getadmindetails")["adminid"] == "1"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret": "wrong"}, "Authentication Failed"),
        ({"secret": None}, "Authentication Failed"),
        ({"identifier": "wrong"}, "Invalid or missing credentials"),
        ({"identifier": None, "secret": None}, "Invalid or missing credentials"),
    ],
)
def test_a_wrong_credential_is_403_and_says_which_half(api: Caller, given: dict[str, str], message: str) -> None:
    assert api.error("GetTickets", **given) == (403, message)


def test_an_address_that_is_not_listed_is_refused_with_its_number(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.access.addresses = {"::1", "127.0.0.0/8"}
    assert api.error("GetTickets") == (403, "Invalid IP 127.0.0.1")
    whmcs.access.address_status = 400
    assert api.error("GetTickets") == (400, "Invalid IP 127.0.0.1")
    whmcs.access.access_key = "by-pass"
    assert api.error("GetTickets", accesskey="wrong")[0] == 400
    assert api.ask("GetTickets", accesskey="by-pass")["result"] == "success"


def test_each_action_can_be_refused_alone(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.access.refused.add("addticketnote")
    message = 'Invalid Permissions: API action "addticketnote" is not allowed'
    assert api.error("AddTicketNote", ticketid=1, message="x") == (403, message)
    assert api.ask("GetTickets")["result"] == "success"


@pytest.mark.parametrize("action", ["MergeTicket", "WhmcsDetails", "GetUsers", "NoSuchAction"])
def test_what_roles_were_seen_to_refuse_is_refused(api: Caller, action: str) -> None:
    assert api.error(action) == (403, f'Invalid Permissions: API action "{action.lower()}" is not allowed')


def test_a_disabled_administrator_and_one_without_api_access_are_refused(whmcs: SimulatedWhmcs, api: Caller) -> None:
    whmcs.access.api_access = False
    assert api.error("GetTickets") == (403, "Access Denied")
    whmcs.state.admins[whmcs.api_admin_id].disabled = True
    assert api.error("GetTickets") == (403, "Administrator Account Disabled")


def test_no_action_and_a_json_body_are_400(whmcs: SimulatedWhmcs, api: Caller) -> None:
    assert api.error("") == (400, "Empty action request")
    body = {"action": "GetTickets", "identifier": whmcs.identifier, "secret": whmcs.secret}
    answer = requests.post(whmcs.url + PATH, json=body, timeout=10)
    assert (answer.status_code, "Empty action request" in answer.text) == (400, True)


def test_a_doubled_path_is_200_and_wants_an_administrator(whmcs: SimulatedWhmcs) -> None:
    answer = requests.post(whmcs.url + PATH + PATH, data={"action": "GetTickets"}, timeout=10)
    assert answer.status_code == 200
    assert answer.json() == {"result": "error", "message": "An admin user is required"}


def test_without_a_wish_for_json_it_is_no_json(api: Caller) -> None:
    answer = api.call("GetAdminDetails", responsetype=None)
    assert answer.text.startswith("result=success;adminid=1;")


def test_no_credential_is_kept_with_what_arrived(whmcs: SimulatedWhmcs, api: Caller) -> None:
    api.ask("GetTickets", accesskey="key-canary", limitnum=5)
    assert whmcs.requests[-1].action == "GetTickets"
    assert whmcs.requests[-1].given["limitnum"] == "5"
    kept = repr(whmcs.requests) + repr(whmcs.access)
    for secret in (whmcs.secret, whmcs.identifier, "key-canary"):
        assert secret not in kept.replace(f"identifier='{whmcs.identifier}'", "")
