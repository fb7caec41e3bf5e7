"""The OpenAPI document is true: it is valid, and every answer it describes is given exactly so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from werkzeug.test import TestResponse

from deskside.model.effect import EffectKind
from deskside.store import tickets
from deskside.store.moves import Answer, Prospect
from tests.knowledge.search.shelf import article, put
from tests.webhooks.desk import DOWN, HOSTILE, SLA, VIP, Asked, Shelf

ABSENT: dict[tuple[str, int], str] = {
    ("/api/v1/queue/{desk}/{ticket_id}", 404): "/api/v1/queue/zendesk/404",
    ("/api/v1/tickets/{desk}/{ticket_id}", 404): "/api/v1/tickets/zendesk/404",
    ("/api/v1/tickets/{desk}/{ticket_id}/place", 404): "/api/v1/tickets/zendesk/404/place",
    ("/api/v1/tickets/{desk}/{ticket_id}/place", 422): "/api/v1/tickets/zendesk/7/place?use=nonsense",
    ("/api/v1/queue", 422): "/api/v1/queue?limit=0",
    ("/api/v1/events", 422): "/api/v1/events?state=nonsense",
    ("/api/v1/kb/search", 200): "/api/v1/kb/search?q=invoice",
    ("/api/v1/kb/search", 422): "/api/v1/kb/search?q=",
}
BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/queue/next": {"agent": "bob"},
    "/api/v1/kb/find_kb": {"arguments": "invoice"},
    "/api/v1/tickets/{desk}/{ticket_id}/renew": {"agent": "ann"},
    "/api/v1/tickets/{desk}/{ticket_id}/give-back": {"agent": "ann"},
    "/api/v1/tickets/{desk}/{ticket_id}/skip": {"agent": "ann", "reason": HOSTILE},
    "/api/v1/tickets/{desk}/{ticket_id}/move": {"agent": "ann", "reason": "paid", "kind": "front"},
}
# Answers of the wiring that an operation documents.
MOVES = {404: None, 409: Answer(Prospect("front", 0, 5, 1), refused="client")}


@dataclass(frozen=True)
class Documented:
    """One answer of one operation as the document has it."""

    path: str
    method: str
    code: int
    content: dict[str, Any]
    scope: str


@pytest.fixture
def document(anonymous: FlaskClient) -> dict[str, Any]:
    answer = anonymous.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def answers(document: dict[str, Any]) -> Iterator[Documented]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            (scope,) = operation["security"][0]["token"]
            for code, answer in operation["responses"].items():
                yield Documented(path, method, int(code), answer["content"], scope)


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        OAS31Validator.check_schema(schema)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    operations = [op for path in document["paths"].values() for name, op in path.items() if name != "parameters"]
    assert len({operation["operationId"] for operation in operations}) == len(operations) == 13
    assert all(operation["summary"] for operation in operations)


def test_every_documented_answer_is_given_as_documented(
    document: dict[str, Any],
    program: Callable[..., FlaskClient],
    anonymous: FlaskClient,
    shelf: Shelf,
    asked: Asked,
) -> None:
    shelf.ticket("5", contributions=[DOWN, SLA], health="down", headline=HOSTILE)
    shelf.ticket("7", minute=20, contributions=[VIP], subject=HOSTILE)
    shelf.check("7")
    shelf.pace()
    shelf.effect("note:7", "7", "dead", error="x")
    shelf.effect("tags:7", "7", "planned", kind=EffectKind.TAGS)
    inbox_id = shelf.delivery("a", "dead", ticket_id="7", outcome=HOSTILE)
    shelf.delivery("b")
    put(shelf.database, article(1, HOSTILE, "<p>invoice</p>"))
    full, lacking, tried = program(), {scope: program(scope) for scope in ("queue:read", "events:read")}, 0
    for documented in answers(document):
        other = lacking["events:read" if documented.scope == "queue:read" else "queue:read"]
        client = {401: anonymous, 403: other}.get(documented.code, full)
        asked.answer = documented.code != 404
        path = documented.path.replace("{desk}", "zendesk").replace("{ticket_id}", "7")
        path = path.replace("{inbox_id}", str(inbox_id))
        path = ABSENT.get((documented.path, documented.code), path)
        body = BODIES.get(documented.path)
        if body is not None:
            claim(shelf, "7", "bob" if documented.code == 409 else "ann")
            asked.move_answer = MOVES.get(documented.code, Answer(Prospect("front", 0, 5, 1)))
            body = {} if documented.code == 422 else body
        check(document, documented, client.open(path, method=documented.method.upper(), json=body))
        tried += 1
    assert tried >= 40


def claim(shelf: Shelf, ticket_id: str, who: str) -> None:
    """Let somebody have a ticket."""
    now = datetime.now(UTC)
    with shelf.database.begin() as connection:
        values = {"claimed_by": who, "claimed_at": now, "claimed_until": now + timedelta(minutes=15)}
        tickets.update(connection, "zendesk", ticket_id, **values)


def check(document: dict[str, Any], documented: Documented, answer: TestResponse) -> None:
    """The code, the content type and the body are those of the document."""
    assert answer.status_code == documented.code, (documented.path, answer.get_data(as_text=True))
    ((content_type, content),) = documented.content.items()
    assert answer.content_type == content_type
    schema = {**strict(content["schema"]), "components": strict(document["components"])}
    OAS31Validator(schema).validate(answer.get_json(force=True))


def strict(schema: Any) -> Any:
    """The same schema, which also refuses what it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(part) for name, part in schema.items()}
    return {"unevaluatedProperties": False, **made} if "properties" in made else made


def test_every_route_of_the_api_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (rule.rule.replace("<int:", "<").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(found.path, found.method) for found in answers(document)}
