"""How an endpoint of the help centre is declared, which brand is asked, and how its lists are paged and broken."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import g, request

from deskside.demo.zendesk import paging
from deskside.demo.zendesk.errors import ApiError, not_found
from deskside.demo.zendesk.faults import LISTING
from deskside.demo.zendesk.guide.state import Brand, GuideState
from deskside.demo.zendesk.routing import Api, Handler, world
from deskside.demo.zendesk.state import Json
from deskside.demo.zendesk.wire import short

USUAL_PAGE = 30
T = TypeVar("T")


def guide() -> GuideState:
    """The help centres' state."""
    return world().guide


def brand() -> Brand:
    """The brand at whose address the request came in: each has a port of its own."""
    port = f":{request.environ['SERVER_PORT']}"
    rows = guide().brands.values()
    return next((row for row in rows if row.url.endswith(port)), guide().default_brand)


def refused(status: int, code: str, title: str) -> ApiError:
    """The shape of an error below `/api/v2/guide`."""
    return ApiError(status, {"errors": [{"code": code, "meta": {}, "status": str(status), "title": title}]})


def need_guide_admin() -> None:
    """Raise ApiError 403 when the token's owner does not manage the help centre."""
    if not guide().guide_admin:
        raise refused(403, "Forbidden", "Access to the resource is forbidden")


class HelpApi(Api):
    """A blueprint of the help centre: endpoints have the scope `hc`, and links lead to the brand that was asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "hc")
        self.before_request(self._lead_to_brand)

    @staticmethod
    def _lead_to_brand() -> None:
        g.links = world().link_base or brand().url

    def help(self, rule: str, *methods: str) -> Callable[[Handler], Handler]:
        """Declare an endpoint below `/help_center`, with and without a locale before it; the handler takes `locale`."""

        def declare(handler: Handler) -> Handler:
            @functools.wraps(handler)
            def localized(*, locale: str, **arguments: Any) -> Any:
                if locale.lower() not in brand().locales:
                    raise not_found()
                return handler(locale=locale.lower(), **arguments)

            localized.__name__ = f"{handler.__name__}_in_locale"
            self.api(f"/help_center{rule}", *methods)(handler)
            self.api(f"/help_center/<locale>{rule}", *methods)(localized)
            return handler

        return declare


def listing(rows: Sequence[T], key: str, shape: Callable[[T], Json], extra: Json | None = None) -> Json:
    """One page of rows in the style that was asked for; only the rows on it are shaped."""
    stubs = [{"id": getattr(row, "id", number), "at": number} for number, row in enumerate(rows)]
    if paging.wants_cursor():
        found = paging.cursor_page(stubs, key, extra)
    else:
        found = paging.offset_page(stubs, key, extra, usual=USUAL_PAGE)
        size = min(paging.integer("per_page", USUAL_PAGE), paging.PAGE_MAX)
        found |= {"page": paging.integer("page", 1), "per_page": size, "page_count": -(-len(rows) // size)}
    found[key] = [shape(rows[stub["at"]]) for stub in found[key]]
    return broken(found, key)


def guide_listing(rows: Sequence[T], key: str, shape: Callable[[T], Json]) -> Json:
    """A list below `/guide`: cursor pages only, of 30 rows; `per_page` is passed over in silence."""
    stubs = [{"id": getattr(row, "id", number), "at": number} for number, row in enumerate(rows)]
    most = guide().limits.guide_page
    found = paging.cursor_page(stubs, key, largest=most, usual=most)
    found[key] = [shape(rows[stub["at"]]) for stub in found[key]]
    return broken(found, key)


def broken(found: Json, key: str) -> Json:
    """A page, or what a fault on command makes of it."""
    fault = world().faults.take(LISTING, request.method, short(request.path))
    if fault is None:
        return found
    if fault.kind == "empty_page":
        here = request.args.get("page[after]") or paging.encode(None, 0)
        meta = {"has_more": True, "after_cursor": here, "before_cursor": None}
        links = {"prev": None, "next": paging.link(**{"page[after]": here})}
        more = {"meta": meta, "links": links} if "meta" in found else {"next_page": paging.link()}
        return {**found, key: [], **more}
    shown = [] if fault.kind == "empty_listing" else found[key][: len(found[key]) // 2]
    ended: Json
    if "meta" in found:
        ended = {"meta": {**found["meta"], "has_more": False}, "links": {**found["links"], "next": None}}
    else:
        ended = {"next_page": None, "count": len(shown)}
    return {**found, key: shown, **ended}
