"""`[push]`: the team's own keys, where people may subscribe, and the manners of sending."""

import re
from dataclasses import dataclass
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, post_load, validate, validates

from deskside.settings.schema import SectionSchema, Several, Whole
from push.model import Window

_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """What `[push]` says.

    `keys` are the VAPID private keys, the current one first; without any, push is switched off. `subject` is the
    contact the push services are told (RFC 8292, 2.1). `origins` are the portals that may subscribe people;
    `portal_secret` signs who their signed-in user is. `endpoints` are exact `host:port` of push services that are
    allowed besides the known ones, also at an address the guard would refuse; `ca_file` is who may vouch for them.
    """

    keys: tuple[str, ...]
    subject: str
    name: str
    icon: str
    origins: tuple[str, ...]
    portal_secret: str
    language: str
    zone: str
    window: Window | None
    quiet: Window | None
    per_week: int
    gap_minutes: int
    devices: int
    in_flight: int
    endpoints: tuple[str, ...]
    ca_file: str | None

    @property
    def enabled(self) -> bool:
        """Whether there is a key to send with."""
        return bool(self.keys)


def read_window(text: str) -> Window:
    """A window from text such as `11:00-14:00`. Raises ValidationError."""
    found = _WINDOW.fullmatch(text)
    if found is None or found[1] + found[2] == found[3] + found[4]:
        raise ValidationError("must be two different times of the day such as 11:00-14:00")
    first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
    return Window(time(first_hour, first_minute), time(last_hour, last_minute))


class PushSchema(SectionSchema):
    """`[push]`"""

    vapid_private_key = fields.String(load_default="")
    vapid_previous_keys = Several(fields.String(), load_default=list)
    subject = fields.String(load_default="")
    name = fields.String(load_default="Support", validate=validate.Length(1, 40))
    icon = fields.String(load_default="")
    origins = Several(fields.Url(require_tld=False, schemes={"http", "https"}), load_default=list)
    portal_secret = fields.String(load_default="")
    language = fields.String(load_default="en")
    timezone = fields.String(load_default="UTC")
    window = fields.String(load_default="")
    quiet = fields.String(load_default="22:00-08:00")
    per_week = Whole(load_default=3, validate=validate.Range(1, 50))
    gap_minutes = Whole(load_default=240, validate=validate.Range(0, 10_080))
    devices = Whole(load_default=10, validate=validate.Range(1, 100))
    in_flight = Whole(load_default=256, validate=validate.Range(1, 1000))
    endpoints = Several(fields.String(), load_default=list)
    ca_file = fields.String(load_default=None, allow_none=True)

    @validates("subject")
    def _subject(self, value: str, data_key: str) -> None:
        # What the strictest service takes: Apple refuses spaces, angle brackets and localhost.
        if value and not re.fullmatch(r"mailto:[^@\s<>]+@[^@\s<>.]+(\.[^@\s<>.]+)+|https://[^\s/<>@]+", value):
            raise ValidationError("must be mailto:name@example.com or https://example.com without a path")

    @validates("timezone")
    def _timezone(self, value: str, data_key: str) -> None:
        if value not in available_timezones():
            raise ValidationError("is no time zone; use an IANA name such as Europe/Berlin")

    @validates("window", "quiet")
    def _windows(self, value: str, data_key: str) -> None:
        if value:
            read_window(value)

    @validates("portal_secret")
    def _portal_secret(self, value: str, data_key: str) -> None:
        if value and len(value) < 32:
            raise ValidationError("must be at least 32 characters long")

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> PushSettings:
        return PushSettings(
            keys=tuple(key for key in (data["vapid_private_key"], *data["vapid_previous_keys"]) if key),
            subject=data["subject"],
            name=data["name"],
            icon=data["icon"],
            origins=tuple(origin.rstrip("/") for origin in data["origins"]),
            portal_secret=data["portal_secret"],
            language=data["language"],
            zone=data["timezone"],
            window=read_window(data["window"]) if data["window"] else None,
            quiet=read_window(data["quiet"]) if data["quiet"] else None,
            per_week=data["per_week"],
            gap_minutes=data["gap_minutes"],
            devices=data["devices"],
            in_flight=data["in_flight"],
            endpoints=tuple(data["endpoints"]),
            ca_file=data["ca_file"],
        )
