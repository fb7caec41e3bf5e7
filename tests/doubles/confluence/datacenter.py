"""The API of a Data Center."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from tests.doubles.confluence.wiki import ME, Attachment, Page, Wiki

_CQL = re.compile(r'type = page and space = "([^"]+)" and lastmodified >= "([0-9-]{10} [0-9:]{5})" order by .*')


def blueprint(wiki: Wiki) -> Blueprint:
    """The routes below `/rest/api`, and files."""
    routes = Blueprint("datacenter", __name__)

    @routes.get("/rest/api/user/current")
    def current() -> ResponseReturnValue:
        if wiki.stranger:
            return jsonify({"type": "anonymous", "displayName": "Anonymous"})
        return jsonify({"type": "known", "userKey": ME, "username": "robot", "displayName": wiki.names[ME]})

    @routes.get("/rest/api/user")
    def user() -> ResponseReturnValue:
        key = request.args.get("key", request.args.get("username", ""))
        if key not in wiki.names:
            return refuse(404, "No user found")
        return jsonify({"userKey": key, "displayName": wiki.names[key]})

    @routes.get("/rest/api/space")
    def spaces() -> ResponseReturnValue:
        return page_of([{"key": key, "name": f"Space {key}"} for key in wiki.spaces])

    @routes.get("/rest/api/space/<key>")
    def space(key: str) -> ResponseReturnValue:
        if key not in wiki.spaces or key in wiki.lacking_spaces or wiki.stranger:
            return refuse(404, "No space with key")
        home = {"id": wiki.home(key)}
        return jsonify({"id": 17, "key": key, "name": f"Space {key}", "homepage": home})

    @routes.get("/rest/api/content")
    def content() -> ResponseReturnValue:
        found = wiki.listed(request.args["spaceKey"])
        if "title" in request.args:
            found = [page for page in found if page.title == request.args["title"]]
        return page_of([row(page) for page in found])

    @routes.get("/rest/api/content/search")
    def search() -> ResponseReturnValue:
        asked = _CQL.fullmatch(request.args.get("cql", ""))
        if asked is None:
            return refuse(400, "Could not parse cql")
        since = wall_clock(asked[2])
        found = [page for page in wiki.listed(asked[1], ("current", "archived")) if page.at >= since]
        found.sort(key=lambda page: page.at, reverse=True)
        return page_of([row(page) for page in found])

    @routes.get("/rest/api/content/<content_id>")
    def one(content_id: str) -> ResponseReturnValue:
        file = next(
            (file for page in wiki.pages.values() for file in page.files.values() if file.id == content_id), None
        )
        if file is not None:
            return jsonify({"id": file.id, "_links": {"download": link(file)}})
        page = wiki.pages.get(content_id)
        anyhow = request.args.get("status") == "any"
        if page is None or wiki.stranger or (page.status != "current" and not anyhow):
            return refuse(404, "No content found with id")
        if not wiki.may_see(page):
            return refuse(403, "You do not have permission to view this content")
        return jsonify(row(page))

    @routes.get("/rest/api/content/<content_id>/restriction/byOperation/read")
    def restriction(content_id: str) -> ResponseReturnValue:
        users = [{"userKey": user} for user in sorted(wiki.pages[content_id].readers)]
        return jsonify({"operation": "read", "restrictions": {"user": {"size": len(users)}, "group": {"size": 0}}})

    @routes.get("/rest/api/content/<page_id>/child/attachment")
    def attachments(page_id: str) -> ResponseReturnValue:
        return page_of(
            [
                {
                    "id": file.id,
                    "title": file.filename,
                    "metadata": {"mediaType": file.media_type},
                    "version": {"number": file.number},
                }
                for file in wiki.pages[page_id].files.values()
            ]
        )

    @routes.get("/download/attachments/<page_id>/<filename>")
    def download(page_id: str, filename: str) -> ResponseReturnValue:
        return Response(wiki.pages[page_id].files[filename].content)

    def link(file: Attachment) -> str:
        owner = next(page for page in wiki.pages.values() if file in page.files.values())
        return f"/download/attachments/{owner.id}/{file.filename}?version={file.number}&modificationDate=1"

    def wall_clock(stated: str) -> datetime:
        """A time of CQL: to the minute, of the server's zone; one its clocks skipped is refused."""
        zone = ZoneInfo(wiki.zone)
        found = datetime.strptime(stated, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        if found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found.replace(tzinfo=None):
            abort(400)
        return found

    def row(page: Page) -> dict[str, Any]:
        when = page.at.astimezone(ZoneInfo(wiki.zone)).strftime("%Y-%m-%dT%H:%M:%S.000%z")
        expand = request.args.get("expand", "")
        answer: dict[str, Any] = {
            "id": page.id,
            "type": "page",
            "status": page.status,
            "title": page.title,
            "extensions": {"position": page.position},
            "_links": {"webui": f"/display/{page.space}/{page.title.replace(' ', '+')}"},
        }
        if "version" in expand:
            answer["version"] = {"number": page.number, "when": when}
        if "ancestors" in expand:
            above = reversed(list(wiki.above(page)))
            answer["ancestors"] = [{"id": one.id, "title": one.title} for one in above]
        if "space" in expand:
            answer["space"] = {"key": page.space}
        if "body.storage" in expand:
            answer["body"] = {"storage": {"value": page.body}}
        if "metadata.labels" in expand:
            named = [{"prefix": "global", "name": name} for name in page.labels]
            answer["metadata"] = {"labels": {"results": [*named, {"prefix": "my", "name": "favourite"}]}}
        return answer

    def page_of(rows: list[dict[str, Any]]) -> ResponseReturnValue:
        """A page of a listing: cut at the server's own limit, which the answer does not say."""
        start, limit = int(request.args.get("start", 0)), min(int(request.args.get("limit", 25)), wiki.cap)
        shown = rows[start : start + limit]
        links = {"next": f"{request.path}?start={start + limit}"} if start + limit < len(rows) else {}
        return jsonify({"results": shown, "start": start, "size": len(shown), "_links": links})

    return routes


def refuse(status: int, message: str) -> ResponseReturnValue:
    return jsonify({"statusCode": status, "message": message}), status
