"""The wiki on loopback."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from tests.doubles.confluence import cloud, datacenter
from tests.doubles.confluence.wiki import CLOUD_ID, EMAIL, TOKEN, Asked, Wiki
from tests.serving import serving

_BASIC = "Basic " + base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
_BEARER = f"Bearer {TOKEN}"


def application(wiki: Wiki) -> Flask:
    """The site, the gateway and the Data Center of one wiki."""
    app = Flask("confluence")
    app.register_blueprint(cloud.blueprint(wiki, "site", gateway=False))
    app.register_blueprint(cloud.blueprint(wiki, "gateway", gateway=True), url_prefix=f"/ex/confluence/{CLOUD_ID}")
    app.register_blueprint(datacenter.blueprint(wiki))

    @app.before_request
    def admit() -> ResponseReturnValue | None:
        given = request.headers.get("Authorization", "")
        wiki.asked.append(Asked(request.path, request.args.to_dict(), bool(given)))
        # A site of the Cloud takes Basic alone, a Data Center a bearer's token, the gateway both.
        on_site = request.path.startswith("/wiki/")
        taken = {_BASIC} if on_site else {_BASIC, _BEARER} if request.path.startswith("/ex/") else {_BEARER}
        if wiki.token_ended or given not in taken:
            return cloud.refuse(401, "Unauthorized; scope does not match")
        fault = wiki.next_fault(request.path)
        if fault is None:
            return None
        response = Response(fault.body, fault.status, fault.headers, mimetype="application/json")
        if fault.cut:
            response.headers["Content-Length"] = str(len(fault.body) + 100)
        return response

    return app


def media(wiki: Wiki) -> Flask:
    """Where the Cloud keeps files: whoever has the address may read, whoever shows a token is refused."""
    app = Flask("media")

    @app.get("/file/<file_id>")
    def file(file_id: str) -> ResponseReturnValue:
        wiki.asked.append(Asked(request.path, request.args.to_dict(), "Authorization" in request.headers))
        found = [file for page in wiki.pages.values() for file in page.files.values() if file.id == file_id]
        if not found or "Authorization" in request.headers or "token" not in request.args:
            return Response(status=403)
        return Response(found[0].content, mimetype=found[0].media_type)

    return app


@contextmanager
def running(wiki: Wiki) -> Iterator[str]:
    """Serve a wiki; its address."""
    with serving(media(wiki)) as elsewhere, serving(application(wiki)) as address:
        wiki.media = elsewhere
        yield address
