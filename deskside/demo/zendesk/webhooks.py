"""Managing webhooks and triggers, and reading what was delivered."""

import base64
import secrets
from typing import Any

import requests
from flask import request

from deskside.demo.zendesk import errors, paging, shapes
from deskside.demo.zendesk.events import PREFIX
from deskside.demo.zendesk.routing import Api, actor, body, world, wrapped
from deskside.demo.zendesk.rules import CONDITIONAL
from deskside.demo.zendesk.sender import Attempt, Invocation, sign
from deskside.demo.zendesk.state import Json, Trigger, Webhook, ulid

TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - public, the same for every Zendesk
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FORMATS = ("json", "xml", "form_encoded")
LONGEST_PAYLOAD = 16_000

api = Api("webhooks", "webhooks")
triggers_api = Api("triggers", "triggers")


def refuse(title: str, detail: str) -> errors.ApiError:
    """400 in the webhooks' own error shape."""
    return errors.coded(400, "InvalidWebhook", title, detail)


def limited() -> None:
    """Webhook calls have a limit of their own."""
    world().limits.take(world().limits.webhooks, 60, "webhooks")


def check(given: Json) -> None:
    """Raise ApiError 400 for a webhook Zendesk does not take."""
    for key in ("name", "endpoint", "http_method", "request_format", "status"):
        if not given.get(key):
            raise refuse("Missing attribute", f"{key} is required")
    if not str(given["endpoint"]).startswith(("http://", "https://")):
        raise refuse("Invalid endpoint", "endpoint must be an http or https URL")
    if given["http_method"] not in METHODS or given["request_format"] not in FORMATS:
        raise refuse("Invalid attribute", "http_method or request_format is not supported")
    if given["status"] not in ("active", "inactive"):
        raise refuse("Invalid attribute", "status must be active or inactive")
    subscriptions = given.get("subscriptions") or []
    kinds = [item for item in subscriptions if str(item).startswith(PREFIX)]
    if kinds and len(kinds) != len(subscriptions):
        raise refuse("Invalid subscriptions", "event subscriptions cannot be mixed with conditional_ticket_events")
    if not kinds and set(subscriptions) - {CONDITIONAL}:
        raise refuse("Invalid subscriptions", "unknown subscription")
    if kinds and (given["http_method"] != "POST" or given["request_format"] != "json"):
        raise refuse("Invalid attribute", "event subscriptions need POST and json")


def render(row: Webhook) -> Json:
    """A webhook; the secret parts of its authentication are not echoed."""
    shape: Json = {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "endpoint": row.endpoint,
        "http_method": row.http_method,
        "request_format": row.request_format,
        "status": row.status,
        "subscriptions": list(row.subscriptions),
        "created_at": shapes.stamp(row.created_at),
        "created_by": str(row.created_by),
        "updated_at": shapes.stamp(row.updated_at),
        "updated_by": str(row.created_by),
    }
    if row.authentication:
        shape["authentication"] = {key: value for key, value in row.authentication.items() if key != "data"}
    return shape


def new_secret() -> str:
    """A signing secret: looks like base64 and is used as text."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def find(webhook_id: str) -> Webhook:
    """One webhook. Raises ApiError 404."""
    row = world().state.webhooks.get(webhook_id.removesuffix(".json"))
    if row is None:
        raise errors.coded(404, "WebhookNotFound", "Webhook not found", "no webhook with this id")
    return row


def attributes(row: Webhook) -> Json:
    """A webhook as it would have to be given to make it again."""
    names = "name endpoint http_method request_format status subscriptions authentication custom_headers description"
    return {name: getattr(row, name) for name in names.split()}


@api.api("/webhooks")
def list_webhooks() -> Any:
    """All webhooks, always with cursors."""
    limited()
    name = request.args.get("filter[name_contains]", "")
    rows = [render(row) for row in world().state.webhooks.values() if name.lower() in row.name.lower()]
    return paging.cursor_page(rows, "webhooks")


@api.api("/webhooks", "POST")
def create_webhook() -> Any:
    """A new webhook, or a copy of another; which of the two kinds it is cannot change later."""
    limited()
    clone = request.args.get("clone_webhook_id")
    given = attributes(find(clone)) if clone else wrapped("webhook")
    check(given)
    state = world().state
    now = state.clock()
    row = Webhook(
        id=ulid(now),
        name=str(given["name"]),
        endpoint=str(given["endpoint"]),
        http_method=given["http_method"],
        request_format=given["request_format"],
        status=given["status"],
        subscriptions=list(given.get("subscriptions") or []),
        created_at=now,
        updated_at=now,
        created_by=actor().id,
        secret=new_secret(),
        authentication=given.get("authentication"),
        custom_headers=dict(given.get("custom_headers") or {}),
        description=given.get("description"),
    )
    state.webhooks[row.id] = row
    return {"webhook": render(row)}, 201


@api.api("/webhooks/<webhook_id>")
def show_webhook(webhook_id: str) -> Any:
    """One webhook."""
    limited()
    return {"webhook": render(find(webhook_id))}


@api.api("/webhooks/<webhook_id>", "PUT", "PATCH")
def update_webhook(webhook_id: str) -> Any:
    """Change all (PUT) or some (PATCH) of a webhook; the answer is empty."""
    limited()
    row, given = find(webhook_id), wrapped("webhook")
    wanted = {**attributes(row), **given} if request.method == "PATCH" else given
    check(wanted)
    before = bool(row.subscriptions and row.subscriptions != [CONDITIONAL])
    after = bool(wanted.get("subscriptions") and wanted["subscriptions"] != [CONDITIONAL])
    if before != after:
        raise refuse("Invalid subscriptions", "the kind of a webhook cannot be changed")
    for name in attributes(row):
        if name in wanted:
            setattr(row, name, wanted[name])
    row.updated_at = world().state.clock()
    return "", 204


@api.api("/webhooks/<webhook_id>", "DELETE")
def delete_webhook(webhook_id: str) -> Any:
    """Remove a webhook."""
    limited()
    del world().state.webhooks[find(webhook_id).id]
    return "", 204


@api.api("/webhooks/<webhook_id>/signing_secret")
def show_secret(webhook_id: str) -> Any:
    """The signing secret."""
    limited()
    return {"signing_secret": {"secret": find(webhook_id).secret, "algorithm": "SHA256"}}


@api.api("/webhooks/<webhook_id>/signing_secret", "POST")
def reset_secret(webhook_id: str) -> Any:
    """A new signing secret, at once."""
    limited()
    row = find(webhook_id)
    row.secret = new_secret()
    return {"signing_secret": {"secret": row.secret, "algorithm": "SHA256"}}, 201


@api.api("/webhooks/test", "POST", locked=False)
def send_test() -> Any:
    """Send a test now and answer what came back; before the webhook exists the public test secret signs."""
    place = world()
    place.limits.take(place.limits.webhook_tests, 60, "webhook-tests")
    given = body().get("request") or {}
    webhook_id = request.args.get("webhook_id")
    row = find(webhook_id) if webhook_id else None
    endpoint = str(given.get("endpoint") or (row.endpoint if row else ""))
    if not endpoint.startswith(("http://", "https://")):
        raise refuse("Invalid endpoint", "endpoint must be an http or https URL")
    payload = str(given.get("payload") or '{"message": "This is a test"}').encode()
    now = place.state.clock()
    timestamp = shapes.stamp(now) or ""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Zendesk Webhook",
        "X-Zendesk-Account-Id": str(place.state.account_id),
        "X-Zendesk-Webhook-Id": row.id if row else "",
        "X-Zendesk-Webhook-Invocation-Id": ulid(now),
        "X-Zendesk-Webhook-Signature": sign(row.secret if row else TEST_SECRET, timestamp, payload),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }
    try:
        answer = requests.request(
            str(given.get("http_method") or "POST"),
            endpoint,
            data=payload,
            headers=headers,
            timeout=place.sender.timeout_seconds,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise errors.coded(400, "RequestFailed", "Request failed", type(error).__name__) from None
    received = [{"key": key, "value": value} for key, value in answer.headers.items()]
    return {"response": {"status_code": answer.status_code, "headers": received, "payload": answer.text[:10_000]}}


@api.api("/webhooks/<webhook_id>/invocations")
def list_invocations(webhook_id: str) -> Any:
    """What was sent to a webhook, newest first."""
    limited()
    row = find(webhook_id)
    mine = [item for item in world().sender.log if item.webhook_id == row.id]
    return paging.cursor_page([invocation(item) for item in reversed(mine)], "invocations")


def invocation(row: Invocation) -> Json:
    """One delivery in the log."""
    done = shapes.stamp(row.attempts[-1].at) if row.attempts else None
    return {"id": row.id, "latest_completed_at": done, "status": row.status, "status_code": row.status_code}


@api.api("/webhooks/<webhook_id>/invocations/<invocation_id>/attempts")
def list_attempts(webhook_id: str, invocation_id: str) -> Any:
    """The tries of one delivery; the `id` of each is the webhook's, as on the real one."""
    limited()
    row = find(webhook_id)
    found = [item for item in world().sender.log if item.id == invocation_id and item.webhook_id == row.id]
    if not found:
        raise errors.coded(404, "InvocationNotFound", "Invocation not found", "no invocation with this id")
    return {"attempts": [attempt(row, found[0], item) for item in found[0].attempts]}


def attempt(row: Webhook, sent: Invocation, tried: Attempt) -> Json:
    """One try in the log."""
    headers = [{"key": key, "value": value} for key, value in tried.headers.items() if key != "Authorization"]
    return {
        "id": row.id,
        "invocation_id": sent.id,
        "status": sent.status if tried.status != "success" else "success",
        "status_code": tried.status_code,
        "completed_at": shapes.stamp(tried.at),
        "request": {
            "endpoint": row.endpoint,
            "http_method": row.http_method,
            "headers": headers,
            "payload": sent.body.decode(),
        },
        "response": {"headers": [], "payload": tried.answer},
    }


def trigger(row: Trigger) -> Json:
    """A trigger."""
    return {
        "url": f"{world().base}/api/v2/triggers/{row.id}.json",
        "id": row.id,
        "title": row.title,
        "raw_title": row.title,
        "active": row.active,
        "created_at": shapes.stamp(row.created_at),
        "updated_at": shapes.stamp(row.updated_at),
        "default": False,
        "actions": row.actions,
        "conditions": {"all": row.all, "any": row.any},
        "description": row.description,
        "position": row.position,
        "category_id": "1",
    }


@triggers_api.api("/triggers")
def list_triggers() -> Any:
    """All triggers."""
    return paging.page([trigger(row) for row in world().state.triggers.values()], "triggers")


@triggers_api.api("/triggers", "POST")
def create_trigger() -> Any:
    """A new trigger; a webhook action names a webhook for conditional events."""
    given, state = wrapped("trigger"), world().state
    stated = given.get("conditions") or {}
    actions = list(given.get("actions") or [])
    if not given.get("title") or not actions:
        raise errors.invalid_record("base", "Title and actions cannot be blank", error="BlankValue")
    for action in actions:
        if action.get("field") == "notification_webhook":
            value = action.get("value")
            target = state.webhooks.get(str(value[0])) if isinstance(value, list) and value else None
            if target is None or CONDITIONAL not in target.subscriptions or len(str(value)) > LONGEST_PAYLOAD:
                raise errors.invalid_record("actions", "Webhook: is not valid", error="InvalidValue")
    now = state.clock()
    row = Trigger(
        next(state.ids),
        str(given["title"]),
        now,
        now,
        list(stated.get("all") or given.get("all") or []),
        list(stated.get("any") or given.get("any") or []),
        actions,
        bool(given.get("active", True)),
        given.get("description"),
        int(given.get("position") or len(state.triggers)),
    )
    state.triggers[row.id] = row
    return {"trigger": trigger(row)}, 201


@triggers_api.api("/triggers/<int:trigger_id>", "GET", "PUT", "DELETE")
def one_trigger(trigger_id: int) -> Any:
    """Show, change or remove a trigger."""
    row = world().state.triggers.get(trigger_id)
    if row is None:
        raise errors.not_found()
    if request.method == "DELETE":
        del world().state.triggers[trigger_id]
        return "", 204
    if request.method == "PUT":
        given = wrapped("trigger")
        stated = given.get("conditions") or {}
        row.all, row.any = list(stated.get("all", row.all)), list(stated.get("any", row.any))
        row.actions = list(given.get("actions", row.actions))
        row.title, row.active = str(given.get("title", row.title)), bool(given.get("active", row.active))
        row.updated_at = world().state.clock()
    return {"trigger": trigger(row)}
