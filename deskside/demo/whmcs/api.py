"""`POST /includes/api.php`: who may call, which action, and how its answer is printed."""

import hmac
import json
from typing import cast

from flask import Blueprint, Response, current_app, request

from deskside.demo.whmcs import errors, php
from deskside.demo.whmcs.actions import ACTIONS, Call
from deskside.demo.whmcs.answers import flatten
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Admin, Json
from deskside.demo.whmcs.world import World

PATH = "/includes/api.php"
CREDENTIALS = (("identifier", "secret"), ("username", "password"))
SECRETS = frozenset(("identifier", "secret", "username", "password", "accesskey"))

api = Blueprint("api", __name__)


def world() -> World:
    """The world this application serves."""
    return cast(World, current_app.extensions["world"])


def authenticate(place: World, given: php.Tree, address: str) -> Admin:
    """The administrator of the credential. Raises ApiError 403 that names the reason."""
    access = place.access
    bypass = bool(access.access_key) and hmac.compare_digest(str(given.get("accesskey", "")), access.access_key)
    if address not in access.addresses and not bypass:
        raise errors.invalid_ip(address, access.address_status)
    pair = next((names for names in CREDENTIALS if names[0] in given), None)
    if pair is None or not hmac.compare_digest(str(given[pair[0]]).encode(), access.identifier.encode()):
        raise errors.unknown_credentials()
    if not hmac.compare_digest(str(given.get(pair[1], "")).encode(), access.secret.encode()):
        raise errors.authentication_failed()
    admin = place.state.admins[access.admin_id]
    if admin.disabled:
        raise errors.account_disabled()
    if not access.api_access:
        raise errors.access_denied()
    return admin


def perform(place: World, given: php.Tree, address: str) -> Json:
    """Run an action and print its answer. Raises ApiError."""
    name = str(given.get("action", ""))
    if not name:
        raise errors.empty_action()
    with place.state.lock:
        admin = authenticate(place, given, address)
        found = ACTIONS.get(name.lower())
        if found is None or name.lower() in place.access.refused:
            raise errors.not_permitted(name)
        printer = place.printer(found.numeric)
        place.in_api = True
        try:
            answer = found.run(Call(place, given, admin, printer.quirks))
        finally:
            place.in_api = False
        printed = printer.answer(answer, found.word)
        return flatten(printed) if found.flat and printer.quirks.flat_keys else printed


@api.route(PATH, methods=["GET", "POST"])
def call() -> Response:
    """One call."""
    given = php.form(request.form.items(multi=True))
    try:
        answer, status = perform(world(), given, request.remote_addr or ""), 200
    except ApiError as error:
        answer, status = error.payload, error.status
    if given.get("responsetype") == "json":
        return Response(json.dumps(answer), status, content_type="application/json")
    # Without a wish for JSON it is name=value pairs; XML is not simulated.
    pairs = ";".join(f"{key}={value}" for key, value in flatten(answer).items())
    return Response(pairs, status, content_type="text/plain; charset=utf-8")


@api.route(f"{PATH}/<path:rest>", methods=["GET", "POST"])
def doubled(rest: str) -> Response:
    """The path twice: PHP runs the script all the same, with nobody signed in."""
    return Response(json.dumps({"result": "error", "message": "An admin user is required"}))
