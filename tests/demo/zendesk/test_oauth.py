import requests

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.zendesk.tools import Caller


def test_client_credentials_give_a_bearer_token(zendesk: SimulatedZendesk, api: Caller) -> None:
    answer = api.token(scope="tickets:read write", expires_in=300)
    assert answer.status_code == 201
    given = answer.json()
    assert (given["token_type"], given["scope"], given["expires_in"]) == ("bearer", "tickets:read write", 300)


def test_the_grant_is_not_under_the_api_path(zendesk: SimulatedZendesk, api: Caller) -> None:
    assert api.call("POST", "/oauth/tokens", {}).status_code == 404


def test_a_wrong_secret_is_401_in_the_shape_of_oauth(api: Caller) -> None:
    answer = api.token(client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_expiry_outside_the_allowed_range_is_refused(api: Caller) -> None:
    assert [api.token(expires_in=seconds).status_code for seconds in (299, 172_801, "600")] == [400, 400, 400]


def test_a_token_dies_when_it_expires(zendesk: SimulatedZendesk, clock: SettableClock, api: Caller) -> None:
    assert api.call("GET", "/tickets").status_code == 200
    clock.forward(1800)
    answer = api.call("GET", "/tickets")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_revoked_tokens_are_401(zendesk: SimulatedZendesk, api: Caller) -> None:
    zendesk.revoke_tokens()
    assert api.call("GET", "/tickets").status_code == 401


def test_a_misspelt_scope_still_yields_a_token_that_is_good_for_nothing(zendesk: SimulatedZendesk) -> None:
    with Caller(zendesk, scope="ticket:read") as caller:
        answer = caller.call("GET", "/tickets")
        assert answer.status_code == 403
        assert answer.json()["error"]["title"] == "Forbidden"
        assert caller.call("GET", "/oauth/tokens/current").json()["token"]["scopes"] == []


def test_a_scope_outside_the_clients_list_is_refused(zendesk: SimulatedZendesk, api: Caller) -> None:
    zendesk.world.client.scopes = ("read",)
    answer = api.token(scope="read write")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_resource_scope_reaches_only_its_resource(zendesk: SimulatedZendesk, ticket_id: int) -> None:
    with Caller(zendesk, scope="tickets:read") as caller:
        assert caller.call("GET", f"/tickets/{ticket_id}").status_code == 200
        assert caller.put_ticket(ticket_id, subject="x").status_code == 403
        assert caller.call("GET", "/views").status_code == 403


def test_nobody_without_credentials_gets_in_but_users_me_says_200(zendesk: SimulatedZendesk) -> None:
    with Caller(zendesk, scope=None) as caller:
        answer = caller.call("GET", "/tickets.json")
        assert (answer.status_code, answer.json()) == (401, {"error": "Couldn't authenticate you"})
        me = caller.call("GET", "/users/me.json")
        assert (me.status_code, me.json()) == (200, {"user": {"id": None, "name": "Anonymous user"}})


def test_the_bot_is_who_the_token_belongs_to(zendesk: SimulatedZendesk, api: Caller) -> None:
    user = api.call("GET", "/users/me").json()["user"]
    assert (user["id"], user["role"]) == (zendesk.bot_user_id, "admin")


def test_recorded_requests_hold_no_secret(zendesk: SimulatedZendesk, api: Caller) -> None:
    api.call("GET", "/tickets")
    text = repr(zendesk.requests)
    assert zendesk.requests[0].path == "/oauth/tokens"
    assert zendesk.client_secret not in text
    assert str(api.headers["Authorization"]) not in text


def test_the_secret_is_in_no_repr(zendesk: SimulatedZendesk) -> None:
    assert zendesk.client_secret not in repr(zendesk.world.client)


def test_a_form_instead_of_json_is_refused(zendesk: SimulatedZendesk) -> None:
    answer = requests.post(f"{zendesk.url}/oauth/tokens", data={"grant_type": "client_credentials"}, timeout=10)
    assert answer.status_code == 400
