"""Users, organizations, groups."""

from typing import Any

from flask import g, request

from deskside.demo.zendesk import errors, paging, shapes
from deskside.demo.zendesk.routing import Api, check_scope, ids, world
from deskside.demo.zendesk.state import Group, Json, Organization, User
from deskside.demo.zendesk.world import World

api = Api("people", "users")


def new_user(place: World, name: str, email: str | None, **more: Any) -> User:
    """A new user."""
    now = place.state.clock()
    row = User(next(place.state.ids), name, email, now, now, **more)
    place.state.users[row.id] = row
    place.index.put("user", row.id, shapes.user(row, ""))
    return row


def new_organization(place: World, name: str, **more: Any) -> Organization:
    """A new organization."""
    now = place.state.clock()
    row = Organization(next(place.state.ids), name, now, now, **more)
    place.state.organizations[row.id] = row
    place.index.put("organization", row.id, shapes.organization(row, ""))
    return row


def new_group(place: World, name: str) -> Group:
    """A new group."""
    now = place.state.clock()
    row = Group(next(place.state.ids), name, now, now)
    place.state.groups[row.id] = row
    return row


def users(rows: list[User]) -> list[Json]:
    """Users as this host shows them."""
    return [shapes.user(row, world().base) for row in rows]


@api.api("/users/me", public=True)
def me() -> Any:
    """The caller. Without credentials that is 200 and an anonymous user, so it proves nothing."""
    if g.actor is None:
        return {"user": {"id": None, "name": "Anonymous user"}}
    check_scope("users")
    return {"user": users([g.actor])[0]}


@api.api("/users/<int:user_id>")
def show_user(user_id: int) -> Any:
    """One user."""
    return {"user": users([world().desk.person(user_id)])[0]}


@api.api("/users")
def list_users() -> Any:
    """All users."""
    rows = [row for row in world().state.users.values() if request.args.get("role") in (None, row.role)]
    return paging.page(users(rows), "users")


@api.api("/users/show_many")
def show_many_users() -> Any:
    """Up to 100 users."""
    known = world().state.users
    rows = [known[key] for key in ids(request.args.get("ids")) if key in known]
    return paging.offset_page(users(rows), "users")


@api.api("/users/search")
def search_users() -> Any:
    """Users by `query` (name, e-mail, `email:…`) or by `external_id`."""
    query, external = request.args.get("query", ""), request.args.get("external_id")
    text = query.removeprefix("email:").strip('"').lower()
    rows = [
        row
        for row in world().state.users.values()
        if (external is not None and row.external_id == external)
        or (external is None and text and (text in row.name.lower() or text == (row.email or "").lower()))
    ]
    return paging.offset_page(users(rows), "users")


@api.api("/organizations", resource="organizations")
def list_organizations() -> Any:
    """All organizations."""
    return paging.page(organizations(list(world().state.organizations.values())), "organizations")


def organizations(rows: list[Organization]) -> list[Json]:
    """Organizations as this host shows them."""
    return [shapes.organization(row, world().base) for row in rows]


@api.api("/organizations/<int:organization_id>", resource="organizations")
def show_organization(organization_id: int) -> Any:
    """One organization."""
    row = world().state.organizations.get(organization_id)
    if row is None:
        raise errors.not_found()
    return {"organization": organizations([row])[0]}


@api.api("/organizations/show_many", resource="organizations")
def show_many_organizations() -> Any:
    """Up to 100 organizations, by id or external id."""
    known = world().state.organizations
    if "external_ids" in request.args:
        wanted = request.args["external_ids"].split(",")
        rows = [row for row in known.values() if row.external_id in wanted]
    else:
        rows = [known[key] for key in ids(request.args.get("ids")) if key in known]
    return paging.offset_page(organizations(rows), "organizations")


@api.api("/organizations/search", resource="organizations")
def search_organizations() -> Any:
    """Organizations by external id or by exact name."""
    name, external = request.args.get("name"), request.args.get("external_id")
    rows = [
        row
        for row in world().state.organizations.values()
        if (external is not None and row.external_id == external)
        or (external is None and name is not None and row.name.lower() == name.lower())
    ]
    return paging.offset_page(organizations(rows), "organizations")


groups_api = Api("groups")


@groups_api.api("/groups")
def list_groups() -> Any:
    """All groups."""
    return paging.page([shapes.group(row, world().base) for row in world().state.groups.values()], "groups")


@groups_api.api("/groups/<int:group_id>")
def show_group(group_id: int) -> Any:
    """One group."""
    row = world().state.groups.get(group_id)
    if row is None:
        raise errors.not_found()
    return {"group": shapes.group(row, world().base)}
