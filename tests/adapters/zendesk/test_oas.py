"""Everything we send, against Zendesk's own OpenAPI document.

The document is older than the live API and marks nothing as nullable, so nulls are allowed everywhere; webhooks and the
live SLA metrics are not in it at all.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from adapters.zendesk.desk import ZendeskDesk
from deskside.model.effect import Note, Placement, TagChange
from tests.adapters.zendesk.account import Account, Answer, Seen, shown, ticket_row, updated
from tests.adapters.zendesk.admin import Admin
from tests.adapters.zendesk.conftest import MemoryBindings
from tests.shared import shared

NOT_IN_THE_DOCUMENT = re.compile(r"/api/v2/(webhooks|tickets/5/slas/policy_metrics)")
TICKET = "/api/v2/tickets/5.json"

# Bodies whose form the document gives only in prose, by the object inside them.
OBJECTS = {"ticket_field": "TicketFieldObject", "view": "ViewObject"}


class Loader(yaml.CSafeLoader):
    """Reads a bare `=` as text."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    text = shared("fixtures/zendesk/oas.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader)
    for schema in _schemas(loaded["components"]["schemas"]):
        schema["nullable"] = True
    return loaded


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("type"), str):
            yield part
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from _schemas(inner)


def errors(document: dict[str, Any], schema: str, instance: Any, *, partial: bool = False) -> list[str]:
    """What is wrong with `instance`; a partial one may leave out what the whole object must have."""
    root = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    return [
        f"{error.json_path}: {error.message}"
        for error in OAS30Validator(root).iter_errors(instance)
        if not (partial and error.validator == "required" and error.json_path == "$")
    ]


@pytest.fixture
def sent(account: Account, desk: ZendeskDesk, bindings: MemoryBindings) -> list[Seen]:
    """Every kind of request there is."""
    admin = Admin(account)
    account.on("GET", "/api/v2/tickets.json", Answer({"tickets": []}))
    account.on("GET", "/api/v2/oauth/tokens/current.json", Answer({"token": {"scopes": ["read", "write"]}}))
    desk.connect("https://deskside.example.com", dry_run=False)
    admin.fields[1]["custom_field_options"].pop()
    admin.views[0]["execution"] = {}
    desk.connect("https://deskside.example.com", dry_run=False)
    desk.check()
    band, key = (row["id"] for row in admin.fields[1:])
    fields = [{"id": band, "value": None}, {"id": key, "value": None}]
    bindings.values.pop("group:7", None)
    account.on("GET", TICKET, shown(ticket_row(custom_fields=fields)))
    account.on("GET", "/api/v2/users/11.json", Answer({"user": {"id": 11}}))
    account.on("GET", "/api/v2/organizations/12.json", Answer({"organization": {"id": 12}}))
    account.on("GET", "/api/v2/groups/7.json", Answer({"group": {"id": 7, "name": "x"}}))
    account.on("PUT", TICKET, updated(ticket_row(custom_fields=fields)))
    for method in ("PUT", "DELETE"):
        account.on(method, "/api/v2/tickets/5/tags.json", Answer({"tags": []}))
    account.on("GET", "/api/v2/tickets/5/comments.json", Answer({"comments": [], "meta": {"has_more": False}}))
    export = Answer({"tickets": [ticket_row()], "after_cursor": "c", "end_of_stream": True})
    account.on("GET", "/api/v2/incremental/tickets/cursor.json", export)
    desk.read_ticket("5")
    desk.add_note("5", Note("m", ('<script>"\x00&', "x" * 20_000)))
    desk.find_note("5", "m")
    desk.change_tags("5", TagChange(("a",), ("vip",)))
    desk.set_placement("5", Placement("normal", "000000000001"))
    desk.changes(desk.changes(None).cursor)
    return account.seen


def operation(document: dict[str, Any], seen: Seen) -> dict[str, Any] | None:
    """The operation of the document that a request is, literal paths before templates."""
    path = seen.path.removesuffix(".json")
    if path in document["paths"]:
        found = document["paths"][path]
    else:
        found = next(
            (
                item
                for template, item in document["paths"].items()
                if re.fullmatch(re.sub(r"\{[^}]*\}", r"[^/]+", template), path)
            ),
            {},
        )
    shared_parameters = found.get("parameters", [])
    one = found.get(seen.method.lower())
    return one and {**one, "parameters": [*shared_parameters, *one.get("parameters", [])]}


def test_every_request_is_an_operation_of_the_document(document: dict[str, Any], sent: list[Seen]) -> None:
    unknown = {
        f"{seen.method} {seen.path}"
        for seen in sent
        if not NOT_IN_THE_DOCUMENT.match(seen.path) and operation(document, seen) is None
    }
    assert unknown == set()
    assert len({(seen.method, seen.path) for seen in sent}) >= 20


def test_every_query_parameter_is_declared_or_described(document: dict[str, Any], sent: list[Seen]) -> None:
    for seen in sent:
        found = operation(document, seen)
        if found is None:
            continue
        declared = {_name(document, parameter) for parameter in found["parameters"]}
        for name in seen.query:
            base = name.partition("[")[0]
            assert base in declared or f"`{name}`" in found["description"], f"{seen.method} {seen.path}: {name}"


def _name(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    if "$ref" in parameter:
        parameter = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return str(parameter["name"])


def test_every_body_fits_its_schema(document: dict[str, Any], sent: list[Seen]) -> None:
    checked = set()
    for seen in sent:
        found = operation(document, seen)
        if seen.json is None or found is None:
            continue
        declared = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if "$ref" in declared:
            assert errors(document, declared["$ref"].rpartition("/")[2], seen.json) == []
            checked.add("declared")
        for name, schema in OBJECTS.items():
            if name in seen.json:
                assert errors(document, schema, seen.json[name], partial=seen.method == "PUT") == []
                checked.add(name)
    assert checked == {"declared", *OBJECTS}


def test_every_property_of_a_ticket_update_is_one_that_may_be_written(
    document: dict[str, Any], sent: list[Seen]
) -> None:
    properties = document["components"]["schemas"]["TicketObject"]["properties"]
    for seen in sent:
        for name in (seen.json or {}).get("ticket", {}):
            # zenpy repeats the id of the path in the body; Zendesk ignores it there.
            assert name == "id" or (name in properties and not properties[name].get("readOnly"))


def test_a_body_that_does_not_fit_would_be_seen(document: dict[str, Any]) -> None:
    assert errors(document, "TicketUpdateRequest", {"ticket": {"comment": {"public": "no"}}}) != []
