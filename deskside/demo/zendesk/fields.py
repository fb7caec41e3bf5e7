"""Ticket fields, organization fields, service level policies."""

from typing import Any

from deskside.demo.zendesk import errors, paging, shapes
from deskside.demo.zendesk.changes import tag_list
from deskside.demo.zendesk.routing import Api, world, wrapped
from deskside.demo.zendesk.state import Json, TicketField
from deskside.demo.zendesk.world import World

TYPES = ("text", "textarea", "checkbox", "date", "integer", "decimal", "regexp", "tagger", "multiselect", "lookup")

api = Api("fields")


def options(given: Any, own: int, place: World) -> list[Json]:
    """A drop-down's options, checked: a value is a tag, and a tag belongs to one field only."""
    taken = {
        option["value"]: field.title
        for field in place.state.ticket_fields.values()
        if field.id != own
        for option in field.options
    }
    rows: list[Json] = []
    for option in given or ():
        name, value = str(option.get("name") or ""), str(option.get("value") or "")
        if not name or not value:
            raise errors.invalid_record("custom_field_options", "Option: name and value cannot be blank")
        if value in taken or value in [row["value"] for row in rows]:
            text = f"Tag: {value} is already used in another field"
            raise errors.invalid_record("custom_field_options", text, error="DuplicateValue")
        if tag_list(value) != [value]:
            raise errors.invalid_record("custom_field_options", f"Tag: {value} has characters no tag can have")
        rows.append({"id": option.get("id") or next(place.state.ids), "name": name, "value": value})
    if not rows:
        raise errors.invalid_record("base", "Field options: At least one field option is required")
    return rows


@api.api("/ticket_fields")
def list_ticket_fields() -> Any:
    """All ticket fields, system fields among them."""
    rows = [shapes.ticket_field(row, world().base) for row in world().state.ticket_fields.values()]
    return paging.page(rows, "ticket_fields")


def field(field_id: int) -> TicketField:
    """One field. Raises ApiError 404."""
    row = world().state.ticket_fields.get(field_id)
    if row is None:
        raise errors.not_found()
    return row


@api.api("/ticket_fields/<int:field_id>")
def show_ticket_field(field_id: int) -> Any:
    """One ticket field."""
    return {"ticket_field": shapes.ticket_field(field(field_id), world().base)}


@api.api("/ticket_fields", "POST")
def create_ticket_field() -> Any:
    """A new custom field."""
    given, place = wrapped("ticket_field"), world()
    kind, title = str(given.get("type")), str(given.get("title") or "")
    if kind not in TYPES:
        raise errors.invalid_record("type", f"Type: {kind} is not valid", error="InvalidValue")
    if not title:
        raise errors.invalid_record("title", "Title: cannot be blank", error="BlankValue")
    choice = kind in ("tagger", "multiselect")
    row = place.add_ticket_field(
        kind,
        title,
        description=str(given.get("description") or ""),
        tag=given.get("tag") if kind == "checkbox" else None,
        regexp=given.get("regexp_for_validation"),
        required=bool(given.get("required", False)),
        active=bool(given.get("active", True)),
        position=int(given.get("position") or 9999),
        options=options(given.get("custom_field_options"), 0, place) if choice else [],
    )
    return {"ticket_field": shapes.ticket_field(row, place.base)}, 201


@api.api("/ticket_fields/<int:field_id>", "PUT")
def update_ticket_field(field_id: int) -> Any:
    """Change a field; options that are not named any more are removed. Its type stays what it is."""
    row, given = field(field_id), wrapped("ticket_field")
    chosen = row.options
    if "custom_field_options" in given:
        chosen = options(given["custom_field_options"], row.id, world())
    row.options = chosen
    row.title = str(given.get("title") or row.title)
    row.description = str(given.get("description", row.description) or "")
    row.active = bool(given.get("active", row.active))
    row.required = bool(given.get("required", row.required))
    row.updated_at = world().state.clock()
    return {"ticket_field": shapes.ticket_field(row, world().base)}


@api.api("/ticket_fields/<int:field_id>", "DELETE")
def delete_ticket_field(field_id: int) -> Any:
    """Remove a custom field."""
    row = field(field_id)
    if not row.removable:
        raise errors.forbidden()
    del world().state.ticket_fields[field_id]
    return "", 204


@api.api("/organization_fields")
def list_organization_fields() -> Any:
    """All organization fields."""
    return paging.page(list(world().state.organization_fields.values()), "organization_fields")


@api.api("/slas/policies")
def list_sla_policies() -> Any:
    """The service level policies."""
    return paging.offset_page(list(world().state.sla_policies.values()), "sla_policies")
