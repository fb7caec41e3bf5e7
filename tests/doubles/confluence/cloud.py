"""The Cloud's two interfaces: v2, and v1, whose pages are gone behind the gateway."""

import base64
import json
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from tests.doubles.confluence.wiki import ME, Page, Wiki

HIDDEN = (403, "You do not have permission to view this content")


def blueprint(wiki: Wiki, name: str, *, gateway: bool) -> Blueprint:
    """The routes below `/wiki`."""
    routes = Blueprint(name, __name__)

    @routes.get("/wiki/api/v2/spaces")
    def spaces() -> ResponseReturnValue:
        keys = request.args.get("keys", "").split(",")
        seen = [key for key in wiki.spaces if key in keys and key not in wiki.lacking_spaces and not wiki.stranger]
        return page_of(
            [{"id": wiki.spaces[key], "key": key, "name": f"Space {key}", "homepageId": wiki.home(key)} for key in seen]
        )

    @routes.get("/wiki/api/v2/spaces/<space_id>/pages")
    def pages_of(space_id: str) -> ResponseReturnValue:
        key = next((key for key, one in wiki.spaces.items() if one == space_id), "")
        if not key or wiki.stranger:
            return refuse(404, "Not found")
        # Archived ones come too for whoever does not ask for current ones alone.
        status = request.args.get("status")
        found = wiki.listed(key, (status,) if status else ("current", "archived"))
        if request.args.get("sort") == "-modified-date":
            found.sort(key=lambda page: page.at, reverse=True)
        return page_of([row(page, body=False) for page in found])

    @routes.get("/wiki/api/v2/pages")
    def pages() -> ResponseReturnValue:
        ids = [one for one in request.args.get("id", "").split(",") if one]
        title, space = request.args.get("title"), request.args.get("space-id")
        found = [
            page
            for key in wiki.spaces
            for page in wiki.listed(key)
            if (page.id in ids if ids else page.title == title and wiki.spaces[key] == space)
        ]
        return page_of([row(page, body="body-format" in request.args) for page in found])

    @routes.get("/wiki/api/v2/pages/<page_id>")
    def one(page_id: str) -> ResponseReturnValue:
        page = wiki.pages.get(page_id)
        if page is None or page.status == "trashed" or wiki.stranger:
            return refuse(404, "Not found")
        if not wiki.may_see(page):
            return refuse(*HIDDEN)
        answer = row(page, body=True)
        if request.args.get("include-labels") == "true":
            shown = [{"id": str(at), "name": name, "prefix": "global"} for at, name in enumerate(page.labels)]
            answer["labels"] = {"results": shown[:25], "_links": {}}
            if len(shown) > 25:
                answer["labels"]["_links"]["next"] = f"/wiki/api/v2/pages/{page_id}/labels?cursor=x"
        return jsonify(answer)

    @routes.get("/wiki/api/v2/pages/<page_id>/labels")
    def labels(page_id: str) -> ResponseReturnValue:
        names = wiki.pages[page_id].labels
        return page_of([{"id": str(at), "name": name, "prefix": "global"} for at, name in enumerate(names)])

    @routes.get("/wiki/api/v2/pages/<page_id>/ancestors")
    def ancestors(page_id: str) -> ResponseReturnValue:
        above = reversed(list(wiki.above(wiki.pages[page_id])))
        return page_of([{"id": page.id, "type": page.kind} for page in above])

    @routes.get("/wiki/api/v2/pages/<page_id>/attachments")
    def attachments(page_id: str) -> ResponseReturnValue:
        return page_of(
            [
                {
                    "id": file.id,
                    "title": file.filename,
                    "mediaType": file.media_type,
                    "version": {"number": file.number},
                    "downloadLink": "/of-no-use",
                }
                for file in wiki.pages[page_id].files.values()
            ]
        )

    @routes.get("/wiki/api/v2/folders/<folder_id>")
    def folder(folder_id: str) -> ResponseReturnValue:
        return jsonify({"id": folder_id, "title": wiki.pages[folder_id].title})

    @routes.get("/wiki/rest/api/user/current")
    def current() -> ResponseReturnValue:
        if wiki.stranger:
            return jsonify({"type": "anonymous", "displayName": "Anonymous"})
        return jsonify({"type": "known", "accountId": ME, "displayName": wiki.names[ME]})

    @routes.get("/wiki/rest/api/user")
    def user() -> ResponseReturnValue:
        key = request.args.get("accountId", "")
        if key not in wiki.names:
            return refuse(404, "No such user")
        return jsonify({"accountId": key, "displayName": wiki.names[key]})

    @routes.get("/wiki/rest/api/content/<content_id>/restriction/byOperation/read")
    def restriction(content_id: str) -> ResponseReturnValue:
        page = wiki.pages.get(content_id)
        if page is None:
            return refuse(404, "Not found")
        # Nobody can read those of folders: they look like none.
        users = sorted(page.readers) if page.kind == "page" else []
        found = [{"accountId": user} for user in users]
        return jsonify({"operation": "read", "restrictions": {"user": {"results": found}, "group": {"results": []}}})

    @routes.get("/wiki/rest/api/content/<page_id>/child/attachment/<file_id>/download")
    def download(page_id: str, file_id: str) -> ResponseReturnValue:
        if all(file.id != file_id for file in wiki.pages[page_id].files.values()):
            return refuse(404, "Not found")
        return redirect(f"{wiki.media}/file/{file_id}?token=a-pass-of-its-own")

    @routes.get("/wiki/rest/api/content")
    @routes.get("/wiki/rest/api/content/<content_id>")
    def old_content(content_id: str = "") -> ResponseReturnValue:
        if gateway:
            return refuse(410, "This deprecated endpoint has been removed.")
        return jsonify({"results": []})

    def row(page: Page, *, body: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "id": page.id,
            "status": page.status,
            "title": page.title,
            "spaceId": wiki.spaces[page.space],
            "parentId": page.parent or None,
            "parentType": wiki.pages[page.parent].kind if page.parent else None,
            "position": page.position,
            "version": {"number": page.number, "createdAt": page.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")},
            "_links": {"webui": f"/spaces/{page.space}/pages/{page.id}"},
        }
        if body:
            answer["body"] = {"storage": {"value": page.body, "representation": "storage"}}
        return answer

    def page_of(rows: list[dict[str, Any]]) -> ResponseReturnValue:
        """A page of a listing, with a cursor nobody can guess."""
        limit = min(int(request.args.get("limit", 25)), 250, wiki.cap)
        start = unseal(request.args["cursor"], limit) if "cursor" in request.args else 0
        shown = max(limit - 1, 1) if wiki.short_pages else limit
        links = {"base": "https://team.atlassian.net/wiki"}
        if start + shown < len(rows):
            following = start if wiki.circling and start else start + shown
            # As the real one does: without the gateway's part of the path.
            links["next"] = f"{request.path[request.path.index('/wiki') :]}?cursor={seal(following, limit)}&limit=7"
        return jsonify({"results": rows[start : start + shown], "_links": links})

    return routes


def seal(start: int, limit: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, limit]).encode()).decode()


def unseal(cursor: str, limit: int) -> int:
    try:
        start, was = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        if cursor == "x":
            return 0
        abort(400)
    if was != limit:
        abort(400)
    return int(start)


def refuse(status: int, message: str) -> ResponseReturnValue:
    return jsonify({"errors": [{"status": status, "title": message}]}), status
