"""The addon's address for the knowledge base, which lets in what Deskside signed; and the files it gives out."""

import hmac
import json
import re
from typing import Any

from flask import Blueprint, Response, request

from deskside.demo.whmcs.addon import sign
from deskside.demo.whmcs.api import world
from deskside.demo.whmcs.knowledge.asked import Refused, malformed
from deskside.demo.whmcs.knowledge.base import TYPES
from deskside.demo.whmcs.knowledge.tables import DatabaseError

PATH = "/modules/addons/deskside/knowledge.php"
FILES = "/modules/addons/deskside/file.php"
TOLERANCE_SECONDS, KEEP_SECONDS = 300, 900

api = Blueprint("knowledge", __name__)


def refused(name: str, words: str) -> Refused:
    """401: not authentic."""
    return Refused(401, name, words)


def admit(body: bytes) -> None:
    """Raise Refused unless Deskside signed this in the last five minutes and did not send it before."""
    place = world()
    if request.method != "POST":
        raise Refused(405, "only_post", "a request is posted")
    if not place.addon.on or not place.addon.secret:
        raise Refused(503, "inactive", "the addon is not active or has no secret")
    if len(body) > place.knowledge.request_bytes:
        raise Refused(413, "too_large", f"a request has at most {place.knowledge.request_bytes} bytes here")
    key, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    signatures = request.headers.get("webhook-signature", "")
    if not re.fullmatch(r"kb_[0-9a-f]{32}", key) or not re.fullmatch(r"[0-9]{1,11}", stamp) or not signatures:
        raise refused("unsigned", "the request has no signature")
    good = sign(place.addon.secret, key, int(stamp), body).encode()
    if not any(hmac.compare_digest(one.encode(), good) for one in signatures.split()):
        raise refused("bad_signature", "the signature does not fit: is the secret the same?")
    now = place.state.clock().timestamp()
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise refused("too_old", "the signature is more than five minutes away from the clock of WHMCS")
    nonces = place.knowledge.nonces
    for old in [name for name, at in nonces.items() if at < now - KEEP_SECONDS]:
        del nonces[old]
    if key in nonces:
        raise refused("replayed", "this request came before")
    nonces[key] = now


def answered(body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and answer of a request."""
    try:
        with world().state.lock:
            admit(body)
            try:
                fields = json.loads(body)
            except ValueError:
                fields = None
            if not isinstance(fields, dict):
                raise malformed("the body is no JSON object")
            return 200, {"ok": True, **world().knowledge_base.do(fields)}
    except Refused as error:
        return error.status, {"ok": False, "error": error.name, "message": str(error)}
    except DatabaseError:
        return 500, {"ok": False, "error": "failed", "message": "see the activity log of WHMCS"}


@api.route(PATH, methods=["GET", "POST"])
def knowledge() -> Response:
    """One request, one JSON object."""
    status, answer = answered(request.get_data())
    response = Response(json.dumps(answer, ensure_ascii=False), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@api.get(FILES)
def file() -> Response:
    """A file of an article, for everybody who has its address."""
    name = request.args.get("name", "")
    content = world().knowledge.files.get(name)
    if content is None:
        return Response("There is no such file.", 404, mimetype="text/plain")
    response = Response(content, content_type=TYPES[name.rpartition(".")[2]])
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
