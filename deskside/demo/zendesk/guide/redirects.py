"""The endpoints of redirect rules, and which rule is in force.

Source: developer.zendesk.com, Help Center API: Redirect Rules.
"""

from typing import Any

from flask import request

from deskside.demo.zendesk.guide import shapes
from deskside.demo.zendesk.guide.routing import HelpApi, brand, guide, guide_listing, need_guide_admin, refused
from deskside.demo.zendesk.guide.state import Brand, GuideState, Redirect, without_slug
from deskside.demo.zendesk.routing import world, wrapped

STATUSES = ("301", "302", "303", "307", "308")
SORTS = ("id", "redirect_from")

api = HelpApi("guide_redirects")


def rule_for(state: GuideState, place: Brand, path: str) -> Redirect | None:
    """The rule of an address that leads nowhere; a slug in the address does not matter."""
    rows = [row for row in state.redirects.values() if row.brand_id == place.id]
    return next((row for row in rows if row.source in (path, without_slug(path))), None)


@api.api("/guide/redirect_rules")
def list_redirects() -> Any:
    """Redirect rules of all brands, thirty to a page; more is 400, and that answer has no `records`."""
    need_guide_admin()
    prefix, sort = request.args.get("filter[redirect_from_prefix]", ""), request.args.get("sort", "id")
    if sort.removeprefix("-") not in SORTS:
        raise refused(400, "BadRequest", "Invalid property")
    rows = [row for row in guide().redirects.values() if row.source.startswith(prefix)]
    name = "source" if sort.endswith("redirect_from") else "id"
    rows.sort(key=lambda row: str(getattr(row, name)), reverse=sort.startswith("-"))
    return guide_listing(rows, "records", shapes.redirect)


@api.api("/guide/redirect_rules/<rule_id>")
def show_redirect(rule_id: str) -> Any:
    """One rule."""
    need_guide_admin()
    if rule_id not in guide().redirects:
        raise refused(404, "NotFound", "The Resource could not be found")
    return {"redirect_rule": shapes.redirect(guide().redirects[rule_id])}


@api.api("/guide/redirect_rules", "POST")
def set_redirect() -> Any:
    """Make the rule of an address, or change it: 204, and not a word of its id."""
    need_guide_admin()
    given = wrapped("redirect_rule")
    source, target = str(given.get("redirect_from") or ""), str(given.get("redirect_to") or "")
    status = str(given.get("redirect_status") or "")
    if not source.startswith("/") or not target.startswith(("/", "https://", "http://")) or status not in STATUSES:
        raise refused(400, "BadRequest", "Invalid property")
    place = guide().brands.get(int(given["brand_id"])) if given.get("brand_id") else brand()
    if place is None:
        raise refused(400, "BadRequest", "Invalid property")
    now = world().state.clock()
    mine = [row for row in guide().redirects.values() if row.brand_id == place.id]
    known = next((row for row in mine if row.source == source), None)
    if known is not None:
        known.target, known.status, known.updated_at = target, status, now
    elif len(mine) >= guide().limits.redirects:
        raise refused(422, "UnprocessibleEntity", "Too many redirect rules")
    else:
        row = Redirect(guide().new_ulid(), place.id, source, target, status, now, now)
        guide().redirects[row.id] = row
    return "", 204


@api.api("/guide/redirect_rules/<rule_id>", "DELETE")
def delete_redirect(rule_id: str) -> Any:
    """Delete a rule."""
    show_redirect(rule_id)
    del guide().redirects[rule_id]
    return "", 204
