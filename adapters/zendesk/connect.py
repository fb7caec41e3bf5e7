"""What Deskside needs on the account, made idempotently: ticket fields, a view, a webhook and its secret.

Each thing is looked for by the id remembered from an earlier run, then by what it is; only then is it made. A thing
that only has our title, but not our nature, belongs to somebody else and is left alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from adapters.zendesk import bindings as names
from adapters.zendesk.client import Client, Row
from adapters.zendesk.events import SUBSCRIPTIONS
from adapters.zendesk.settings import Settings
from deskside.errors import Permanent
from deskside.fields import is_loopback
from deskside.model.place import Band
from deskside.ports import Step
from deskside.store.bindings import Bindings
from deskside.text import clean, identifier

BAND_TITLE, KEY_TITLE, SERVICE_TITLE = "Queue band", "Queue key", "Service"
VIEW_TITLE, WEBHOOK_NAME = "Deskside queue", "Deskside"
PATH = "/webhooks/zendesk"
TO_BE = "(its id comes with the field)"

_BANDS = {Band.EMERGENCY: "1 Emergency", Band.AHEAD: "2 Ahead", Band.NORMAL: "3 Normal"}
BAND_OPTIONS = tuple({"name": name, "value": f"deskside_band_{band.value}"} for band, name in _BANDS.items())


def connect(client: Client, bindings: Bindings, settings: Settings, base_url: str, dry_run: bool) -> tuple[Step, ...]:
    """Make what is missing, mend what has drifted, and remember the ids; with `dry_run` only say so.

    `base_url` is where Zendesk reaches this Deskside. Raises `Permanent` for one that cannot be a webhook's.
    """
    endpoint = _endpoint(base_url, settings.url)
    run = _Run(client, bindings, dry_run)
    run.user()
    present = client.ticket_fields()
    band = run.field(present, names.BAND_FIELD, BAND_TITLE, "tagger", BAND_OPTIONS)
    key = run.field(present, names.KEY_FIELD, KEY_TITLE, "text")
    if settings.service_field:
        run.field(present, names.SERVICE_FIELD, SERVICE_TITLE, "text")
    run.view(client.views(), band, key)
    run.webhook(client.webhooks(), endpoint)
    return tuple(run.steps)


def find_field(rows: Sequence[Row], known: str | None, title: str, kind: str) -> Row | None:
    """A field by id, else by title, type and (for a drop-down) at least one of our options."""
    by_id = _by_id(rows, known)
    if by_id is not None:
        return by_id
    for row in rows:
        same = clean(row.get("title")).lower() == title.lower() and row.get("type") == kind
        if same and (kind != "tagger" or {option["value"] for option in BAND_OPTIONS} & _values(row)):
            return row
    return None


def find_view(rows: Sequence[Row], known: str | None) -> Row | None:
    """Our view by id, else by title among those that everybody sees."""
    return _by_id(rows, known) or next(
        (row for row in rows if row.get("title") == VIEW_TITLE and not row.get("restriction")), None
    )


def find_webhook(rows: Sequence[Row], known: str | None, endpoint: str) -> Row | None:
    """Our webhook by id, else by endpoint and kind.

    A webhook for triggers cannot be made into one for events, and another Deskside's has another endpoint.
    """
    by_id = next((row for row in rows if known and str(row.get("id")) == known), None)
    return by_id or next(
        (
            row
            for row in rows
            if row.get("endpoint") == endpoint and "conditional_ticket_events" not in (row.get("subscriptions") or ())
        ),
        None,
    )


class _Run:
    """One run: collects the steps, and does them unless it is dry."""

    def __init__(self, client: Client, bindings: Bindings, dry_run: bool) -> None:
        self.steps: list[Step] = []
        self._client = client
        self._bindings = bindings
        self._dry = dry_run

    def user(self) -> None:
        """Learn who we are: by that our own notes and events are known."""
        own = identifier(self._client.me().get("id"))
        if own is None:
            raise Permanent("Zendesk takes us for an anonymous user: check the credentials with `deskside check`")
        if not self._dry:
            self._bindings.put(names.OWN_USER, own)

    def field(
        self, present: Sequence[Row], binding: str, title: str, kind: str, options: Sequence[Mapping[str, str]] = ()
    ) -> str | None:
        """Make or mend a ticket field; its id, or None when it is only going to be made."""
        what = f"ticket field {title!r}"
        found = find_field(present, self._bindings.get(binding), title, kind)
        if found is None:
            values: Row = {"title": title, "type": kind, "active": True}
            if options:
                values["custom_field_options"] = [dict(option) for option in options]
            made = self._do("create", what, kind, lambda: self._client.create_ticket_field(**values))
            return self._bind(binding, made)
        drift = _field_drift(found, options)
        field_id = str(found["id"])
        if drift:
            self._do("update", what, ", ".join(drift), lambda: self._client.update_ticket_field(field_id, **drift))
        else:
            self.steps.append(Step("keep", what, field_id))
        return self._bind(binding, found)

    def view(self, present: Sequence[Row], band: str | None, key: str | None) -> None:
        """Make or mend the view in the queue's order."""
        what = f"view {VIEW_TITLE!r}"
        columns: list[str | int] = ["status", "subject", "requester", "group", "assignee", "created"]
        columns += [int(field) for field in (band, key) if field]
        values: Row = {
            "title": VIEW_TITLE,
            "active": True,
            "all": [{"field": "status", "operator": "less_than", "value": "solved"}],
            "any": [],
            "output": {"columns": columns, "sort_by": key or TO_BE, "sort_order": "asc"},
        }
        found = find_view(present, self._bindings.get(names.VIEW))
        if found is None:
            made = self._do(
                "create", what, f"unsolved tickets by {KEY_TITLE!r}", lambda: self._client.create_view(**values)
            )
            self._bind(names.VIEW, made)
            return
        drift = view_drift(found, key)
        if drift:
            self._do("update", what, ", ".join(drift), lambda: self._client.update_view(str(found["id"]), **values))
        else:
            self.steps.append(Step("keep", what, str(found["id"])))
        self._bind(names.VIEW, found)

    def webhook(self, present: Sequence[Row], endpoint: str) -> None:
        """Make or mend the webhook, and fetch the secret it signs with."""
        what = f"webhook {WEBHOOK_NAME!r}"
        found = find_webhook(present, self._bindings.get(names.WEBHOOK), endpoint)
        if found is None:
            values: Row = {
                "name": WEBHOOK_NAME,
                "endpoint": endpoint,
                "http_method": "POST",
                "request_format": "json",
                "status": "active",
                "subscriptions": list(SUBSCRIPTIONS),
            }
            found = self._do("create", what, endpoint, lambda: self._client.create_webhook(**values))
        elif drift := webhook_drift(found, endpoint):
            webhook_id = str(found["id"])
            self._do("update", what, ", ".join(drift), lambda: self._client.update_webhook(webhook_id, **drift))
        else:
            self.steps.append(Step("keep", what, endpoint))
        if found is not None and not self._dry:
            self._bindings.put(names.WEBHOOK, str(found["id"]))
        self._secret(str(found["id"]) if found else None)

    def _secret(self, webhook_id: str | None) -> None:
        what = "the webhook's signing secret"
        known = self._bindings.get(names.WEBHOOK_SECRET)
        if self._dry or webhook_id is None:
            self.steps.append(Step("keep" if known else "create", what, "fetched and stored, never shown"))
            return
        secret = self._client.signing_secret(webhook_id)
        if secret == known:
            self.steps.append(Step("keep", what))
            return
        self._bindings.put(names.WEBHOOK_SECRET, secret)
        self.steps.append(Step("update" if known else "create", what, "stored, never shown"))

    def _do(self, action: str, what: str, detail: str, act: Callable[[], Any]) -> Any:
        self.steps.append(Step(action, what, detail))
        return None if self._dry else act()

    def _bind(self, binding: str, row: Row | None) -> str | None:
        found = identifier(row.get("id")) if row else None
        if found is not None and not self._dry:
            self._bindings.put(binding, found)
        return found


def view_drift(row: Row, key: str | None) -> tuple[str, ...]:
    """What of the view is not as it was made: names of its parts. Columns and title are the admins' to change."""
    execution = row.get("execution") or {}
    sort = execution.get("sort_by") or (execution.get("sort") or {}).get("id")
    order = execution.get("sort_order") or (execution.get("sort") or {}).get("order")
    drift = []
    if row.get("active") is False:
        drift.append("active")
    if key and (str(sort) != key or order not in (None, "asc")):
        drift.append("order")
    return tuple(drift)


def webhook_drift(row: Row, endpoint: str) -> Row:
    """What of the webhook must be set anew."""
    wanted = {"endpoint": endpoint, "status": "active", "http_method": "POST", "request_format": "json"}
    drift: Row = {key: value for key, value in wanted.items() if row.get(key) != value}
    subscribed = row.get("subscriptions") or []
    if not set(SUBSCRIPTIONS) <= set(subscribed):
        drift["subscriptions"] = sorted({*SUBSCRIPTIONS, *subscribed})
    return drift


def _field_drift(row: Row, options: Sequence[Mapping[str, str]]) -> Row:
    drift: Row = {} if row.get("active") is not False else {"active": True}
    missing = [dict(option) for option in options if option["value"] not in _values(row)]
    if missing:
        # The list replaces the one that is there, so the options an admin added must be in it.
        kept = [{name: option[name] for name in ("id", "name", "value") if name in option} for option in _options(row)]
        drift["custom_field_options"] = kept + missing
    return drift


def _options(row: Row) -> list[Row]:
    return [option for option in row.get("custom_field_options") or () if isinstance(option, dict)]


def _values(row: Row) -> set[str]:
    return {clean(option.get("value")) for option in _options(row)}


def _by_id(rows: Sequence[Row], known: str | None) -> Row | None:
    return next((row for row in rows if known and identifier(row.get("id")) == known), None)


def _endpoint(base_url: str, desk_url: str) -> str:
    """Where the webhook posts to. Only a desk on this machine can reach an address of this machine."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    here = is_loopback(host)
    desk_is_here = is_loopback(urlsplit(desk_url).hostname or "")
    if not host or (here and not desk_is_here) or (parts.scheme != "https" and not (parts.scheme == "http" and here)):
        raise Permanent(
            f"Zendesk cannot post to {base_url!r}: set web.base_url to this Deskside's public https address"
        )
    return base_url.rstrip("/") + PATH
