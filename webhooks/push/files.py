"""What browsers load: the service worker, the script of a portal, styles, icons, the manifest, the public key."""

from flask import Response, abort, jsonify, request
from flask_babel import force_locale

from push import browser
from webhooks.pages.words import gettext
from webhooks.push.face import anywhere, blueprint, face, file_url, keys, language

files = blueprint("push_files")

_YEAR = "public, max-age=31536000, immutable"
# Looked at again at every visit, at the cost of a 304.
_FRESH = "no-cache"
_HOUR = "public, max-age=3600"


@files.get("/sw.js")
def worker() -> Response:
    """The service worker. A portal's own worker may import it."""
    response = _file("sw.js", _FRESH)
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@files.get("/deskside.js")
def script() -> Response:
    """The script of a portal."""
    return _file("deskside.js", _HOUR)


@files.get("/assets/<name>")
def file(name: str) -> Response:
    """A file that is named with its fingerprint."""
    return _file(name, _YEAR)


@files.get("/key")
def key() -> Response:
    """The public VAPID key to subscribe with now, and its id."""
    current = keys().current
    response: Response = jsonify(key=current.public, id=current.id)
    response.headers["Cache-Control"] = _FRESH
    return anywhere(response)


@files.get("/manifest.webmanifest")
def manifest() -> Response:
    """The page as an app: on iOS the only way to get pushes (WebKit, 16.4)."""
    name = face().settings.name
    tongue = language()
    with force_locale(tongue):
        description = gettext("Messages from %(name)s", name=name)
    icons = [
        {"src": file_url(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
        for size in (192, 512)
    ]
    if face().settings.icon:
        icons = [{"src": face().settings.icon, "sizes": "any"}]
    response: Response = jsonify(
        id="/push/",
        name=name,
        short_name=name[:12].strip(),
        description=description,
        lang=tongue,
        start_url=f"/push/?source=home&lang={tongue}",
        scope="/push/",
        display="standalone",
        background_color="#f4f5f3",
        theme_color="#1f6f66",
        icons=icons,
    )
    response.content_type = "application/manifest+json"
    response.headers["Cache-Control"] = _HOUR
    return response


def _file(name: str, caching: str) -> Response:
    content = browser.read(name)
    if content is None:
        abort(404)
    response = Response(content, content_type=browser.TYPES["." + name.rpartition(".")[2]])
    response.headers["Cache-Control"] = caching
    response.set_etag(browser.fingerprint(name))
    response.make_conditional(request)
    return anywhere(response)
