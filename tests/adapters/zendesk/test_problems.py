"""The error bodies that were seen or reported, through the one function that explains them."""

import json

import pytest
import requests

from adapters.zendesk.problems import explain
from deskside.errors import Conflict, DesksideError, Gone, Permanent, Transient, UnknownOutcome
from tests.shared import shared

EXPECTED: dict[str, tuple[type[DesksideError], str]] = {
    "errors_reconstructed/400_idempotency_mismatch.json": (Permanent, "IdempotentRequestError"),
    "errors_reconstructed/401.json": (Permanent, "Couldn't authenticate you"),
    "errors_reconstructed/403.json": (Permanent, "You do not have access"),
    "errors_reconstructed/409_database_conflict.json": (UnknownOutcome, "Database collision"),
    "errors_reconstructed/409_update_conflict.json": (Conflict, "Safe Update prevented"),
    "errors_reconstructed/422_closed_ticket.json": (Gone, "closed"),
    "errors_reconstructed/429_plaintext.json": (Transient, "Number of allowed"),
    "shapes_from_live_reports/ticket_update_422_closed.json": (Gone, "closed"),
    "shapes_from_live_reports/ticket_update_422_priority_reset.json": (Permanent, "cannot be reset"),
    "shapes_from_live_reports/ticket_update_422_required_on_solve.json": (Permanent, r"Root cause.*\(field 112\)"),
    "shapes_from_live_reports/tickets_400_invalid_pagination_depth.json": (Permanent, "InvalidPaginationDepth"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_saved_refusal_has_its_type_and_its_words(name: str) -> None:
    saved = json.loads(shared(f"fixtures/zendesk/{name}").read_text("utf-8"))
    response = requests.Response()
    response.status_code = saved["status"]
    response.headers.update(saved["headers"])
    body = saved["body"]
    response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    response.request = requests.Request("PUT", "https://desk.example/api/v2/tickets/1.json?x=1").prepare()
    error = explain(response)
    kind, words = EXPECTED[name]
    assert type(error) in (kind, *kind.__subclasses__())
    with pytest.raises(kind, match=words):
        raise error
    assert "/api/v2/tickets/1.json: " in str(error)


def test_no_saved_refusal_is_left_out() -> None:
    root = shared("fixtures/zendesk")
    saved = {
        str(path.relative_to(root))
        for folder in ("errors_reconstructed", "shapes_from_live_reports")
        for path in (root / folder).glob("*.json")
        if json.loads(path.read_text("utf-8"))["status"] >= 400
    }
    assert saved == set(EXPECTED)
