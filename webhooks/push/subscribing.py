"""`/push/subscriptions`: a browser subscribes, visits, changes its endpoint, signs out, goes."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_limiter.util import get_remote_address

from deskside.errors import Malformed, NotAuthentic, Permanent
from deskside.store.database import Row, utc_now
from push.chains import flow
from push.subscribers import agents, identity, registry, tokens, topics
from push.subscribers.binding import State
from push.subscribers.registry import Device, Registered, Registration
from push.wire import endpoints
from push.wire.encrypt import check_keys
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.signing import LANGUAGES
from webhooks.push import bodies, origins
from webhooks.push.asking import words_of_consent
from webhooks.push.face import blueprint, face, keys

subscribing = blueprint("push_subscribing")
subscribing.before_request(origins.require)
subscribing.after_request(origins.let_read)


@subscribing.post("/subscriptions")
@limiter.limit("60 per minute", key_func=get_remote_address)
def keep() -> ResponseReturnValue:
    """A browser tells of itself: with a yes, at a visit, or with a new endpoint in the place of its old one.

    200 with `subscribed`, and where it is: `device`, `preferences`, `renew` (subscribe anew). Where it is not: `left`,
    when there is nobody who ever could be here again. 401 the portal's word is not taken, 409 the endpoint is known
    with other keys, 422 it cannot be used.
    """
    wish = bodies.read(bodies.WishSchema())
    who = _identity(wish["identity"])
    device = _device(wish) if wish["subscription"] else None
    with current().database.begin() as connection:
        if wish["agreed"] and device is not None:
            found: Registered | None = _register(connection, wish, device, who)
            left = False
        else:
            browser = _visitor(connection, wish, device)
            found = registry.visit(connection, browser, who, wish["zone"] or "", utc_now())
            left = browser is None or browser.state == State.LEFT
        chosen = topics.of(connection, found.subscriber_id) if found else ()
    if found is None:
        return jsonify(subscribed=False, left=left)
    secret = current().settings.web["secret_key"]
    token = tokens.preferences(secret, found.subscriber_id, found.subscription_id)
    return jsonify(
        subscribed=True,
        renew=found.renew,
        device=tokens.device(secret, found.subscription_id),
        preferences=current().settings.base_url + url_for("push_preferences.show", token=token),
        topics=list(chosen),
    )


@subscribing.delete("/subscriptions")
@limiter.limit("60 per minute", key_func=get_remote_address)
def end() -> ResponseReturnValue:
    """A browser gets no more; or, `signed_out`, nothing until its person is back. 204, whether it was known or not."""
    wish = bodies.read(bodies.EndSchema())
    with current().database.begin() as connection:
        browser = _known(connection, wish)
        if browser is not None and wish["signed_out"]:
            registry.sign_out(connection, browser, utc_now())
        elif browser is not None:
            registry.unsubscribe_device(connection, browser.id, utc_now(), "browser")
    return Response(status=204)


def _register(
    connection: sa.Connection, wish: dict[str, Any], device: Device, who: identity.Identity | None
) -> Registered:
    tongue = wish["language"] if wish["language"] in LANGUAGES else face().settings.language
    with force_locale(tongue):
        words = words_of_consent()
    wanted = Registration(
        device=device,
        words=words,
        identity=who,
        topics=tuple(wish["topics"]),
        language=tongue,
        zone=wish["zone"] or "",
        source=wish["source"] or "",
        replaces=registry.endpoint_hash(wish["old"]) if wish["old"] else None,
    )
    now = utc_now()
    try:
        found = registry.register(connection, wanted, now, most_devices=face().settings.devices)
    except Malformed as error:
        abort(409, str(error))
    if found.created:
        flow.arrived(connection, found.subscriber_id, face().manners, now)
    else:
        flow.chose(connection, found.subscriber_id, found.chose, face().manners, now)
    return found


def _visitor(connection: sa.Connection, wish: dict[str, Any], device: Device | None) -> Row | None:
    if device is not None and wish["old"]:
        registry.resubscribe(connection, registry.endpoint_hash(wish["old"]), device, utc_now())
    found = _known(connection, wish)
    # An endpoint alone proves nothing where its keys are known too.
    if found is not None and device is not None and found.auth not in {device.auth, b""}:
        return None
    return found


def _known(connection: sa.Connection, wish: dict[str, Any]) -> Row | None:
    if wish["device"]:
        number = tokens.read_device(current().settings.web["secret_key"], wish["device"])
        return None if number is None else registry.by_id(connection, number)
    if wish["subscription"]:
        return registry.by_hash(connection, registry.endpoint_hash(wish["subscription"]["endpoint"]))
    return None


def _identity(token: str) -> identity.Identity | None:
    if not token:
        return None
    try:
        return identity.read(token, _secrets_of, utc_now())
    except NotAuthentic as error:
        abort(401, str(error))


def _secrets_of(desk: str) -> list[str]:
    own = face().settings.portal_secret
    return [*([own] if own else []), *current().actions.portal_secrets(desk)]


def _device(wish: dict[str, Any]) -> Device:
    given = wish["subscription"]
    made_with = next((key for key in keys().all if key.public == (wish["key"] or "").rstrip("=")), None)
    if made_with is None:
        bodies.refuse("the subscription was made with a key that is not ours")
    try:
        found = endpoints.check(given["endpoint"], face().settings)
        check_keys(given["keys"]["p256dh"], given["keys"]["auth"])
    except (Malformed, Permanent) as error:
        bodies.refuse(str(error))
    browser, platform = agents.recognise(request.headers.get("User-Agent", ""))
    return Device(
        endpoint=given["endpoint"],
        origin=found.origin,
        p256dh=given["keys"]["p256dh"],
        auth=given["keys"]["auth"],
        key_id=made_with.id,
        browser=browser,
        platform=platform,
    )
