"""Where a client lets us in: a public page behind a link that works once."""

import re
from dataclasses import dataclass, field

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from deskside.model.access import Access
from deskside.store import access
from deskside.store.database import Row, reading
from deskside.store.tables import service
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.blueprint import pages
from webhooks.pages.words import gettext

# No script at all, and nothing from elsewhere.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_USER = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
_KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+-----END \1PRIVATE KEY-----\s*", re.DOTALL)
_LONGEST_PASSWORD = 1_000
_LONGEST_KEY = 16_384


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in. `wrong` names what cannot be used by field; secrets are never shown again."""

    user: str = ""
    port: str = "22"
    wrong: dict[str, str] = field(default_factory=dict)


@pages.get("/access/<token>")
@limiter.limit("30 per minute", key_func=get_remote_address)
def access_form(token: str) -> ResponseReturnValue:
    """The form. Looking at it does not use the link up: mail programs look at links before people do."""
    link = _link(token)
    if link is None or not access.link_works(link):
        return _over(link)
    return _page("access_entry.html", 200, token=token, name=_service_name(link), filled=Filled())


@pages.post("/access/<token>")
@limiter.limit("10 per minute", key_func=get_remote_address)
def access_store(token: str) -> ResponseReturnValue:
    """Seal what was given. The link is used up in the same transaction."""
    link = _link(token)
    if link is None or not access.link_works(link):
        return _over(link)
    given = _read()
    if isinstance(given, Filled):
        return _page("access_entry.html", 422, token=token, name=_service_name(link), filled=given)
    with current().database.begin() as connection:
        entered = access.enter(connection, current().vault, token, given)
    if entered is None:
        return _over(link)
    current().actions.access_given(entered.desk, entered.ticket_id)
    return _page("access_stored.html", 200, name=_service_name(link))


def _link(token: str) -> Row | None:
    if not current().vault.usable:
        return None
    with reading(current().database) as connection:
        return access.find_link(connection, token)


def _service_name(link: Row) -> str:
    with reading(current().database) as connection:
        row = connection.execute(service.select().where(service.c.id == link.service_id)).first()
    return str(row.name) if row else ""


def _over(link: Row | None) -> Response:
    return _page("access_over.html", 404 if link is None else 410, used=link is not None and link.used_at is not None)


def _read() -> Access | Filled:
    """What was given, or the form again with what is wrong. Whether it works shows when a worker tries it."""
    form = request.form
    user, port = form.get("user", "").strip(), form.get("port", "").strip() or "22"
    password, key = form.get("password", ""), form.get("private_key", "").strip()
    wrong: dict[str, str] = {}
    if not _USER.fullmatch(user):
        wrong["user"] = gettext("Give the name of a user, without spaces.")
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65_536):
        wrong["port"] = gettext("A port is a number from 1 to 65535.")
    if not password and not key:
        wrong["password"] = gettext("Give a password or a private key.")
    elif len(password) > _LONGEST_PASSWORD:
        wrong["password"] = gettext("That is too long for a password.")
    if key:
        wrong |= _wrong_key(key)
    if wrong:
        return Filled(user[:64], port[:6], wrong)
    # OpenSSH's own reader wants the lines as they were, with one at the end.
    text = "\n".join(line.strip() for line in key.splitlines()) + "\n" if key else None
    return Access(user, password or None, text, form.get("passphrase", "")[:_LONGEST_PASSWORD] or None, int(port))


def _wrong_key(key: str) -> dict[str, str]:
    if key.startswith("PuTTY-User-Key-File"):
        return {"private_key": gettext("This is PuTTY's form: export it as an OpenSSH key with PuTTYgen first.")}
    if key.startswith(("ssh-", "ecdsa-", "sk-")):
        return {"private_key": gettext("This is the public key; the private one begins with -----BEGIN.")}
    if "BEGIN ENCRYPTED PRIVATE KEY" in key:
        return {"private_key": gettext("This form is not taken: make an OpenSSH key of it with ssh-keygen -p.")}
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        return {"private_key": gettext("This is not a whole private key: copy all lines, from BEGIN to END.")}
    return {}


def _page(template: str, status: int, **values: object) -> Response:
    days = access.KEPT.days
    answer = make_response(render_template(template, days=days, **values), status)
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer
