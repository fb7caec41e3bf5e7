"""The words of web push in the reader's language, and moments in somebody's own time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import get_locale, lazy_gettext

from webhooks.pages.words import gettext

KINDS = {
    "promo": lazy_gettext("promotion"),
    "digest": lazy_gettext("digest"),
    "poll": lazy_gettext("poll"),
    "service": lazy_gettext("service"),
    "incident": lazy_gettext("incident"),
    "step": lazy_gettext("step of a chain"),
    "test": lazy_gettext("test"),
}
STATES = {
    "draft": lazy_gettext("draft"),
    "scheduled": lazy_gettext("scheduled"),
    "unconfirmed": lazy_gettext("needs confirmation"),
    "running": lazy_gettext("running"),
    "paused": lazy_gettext("paused"),
    "done": lazy_gettext("done"),
    "cancelled": lazy_gettext("cancelled"),
}
# What has become of one message for one person.
SENDS = {
    "due": lazy_gettext("waits"),
    "claimed": lazy_gettext("waits"),
    "sending": lazy_gettext("on its way"),
    "held": lazy_gettext("held"),
    "sent": lazy_gettext("accepted"),
    "failed": lazy_gettext("failed"),
    "unknown": lazy_gettext("unknown"),
    "skipped": lazy_gettext("not sent"),
}
STEPS = {
    "total": lazy_gettext("all subscribers"),
    "topic": lazy_gettext("chose the topic"),
    "language": lazy_gettext("speak the language"),
    "attributes": lazy_gettext("fit the rules"),
    "alive": lazy_gettext("have a living browser"),
    "uncapped": lazy_gettext("had fewer than their week allows"),
    "in_time": lazy_gettext("can get it in time"),
    "reached": lazy_gettext("were reached"),
}
PLATFORMS = {
    "chrome-windows": lazy_gettext("Chrome, Windows"),
    "chrome-android": lazy_gettext("Chrome, Android"),
    "safari-macos": lazy_gettext("Safari, macOS"),
    "firefox": lazy_gettext("Firefox"),
    "ios": lazy_gettext("iPhone"),
}
REASONS = {
    "stopped": lazy_gettext("all sending was stopped"),
    "no browser": lazy_gettext("no living browser"),
    "left": lazy_gettext("unsubscribed"),
    "topic": lazy_gettext("topic not chosen any more"),
    "cancelled": lazy_gettext("the campaign was cancelled"),
    "pause of theirs": lazy_gettext("asked for a pause"),
    "pause of ours": lazy_gettext("the campaign was paused or held"),
    "too late": lazy_gettext("too late to be of use"),
    "window": lazy_gettext("outside the window"),
    "quiet hours": lazy_gettext("quiet hours"),
    "urgent ticket": lazy_gettext("has an urgent ticket open"),
    "unhappy": lazy_gettext("is unhappy with us today"),
    "incident": lazy_gettext("something of theirs is in an open incident"),
    "too soon": lazy_gettext("too soon after another message"),
    "week full": lazy_gettext("had as many this week as they want"),
    "trying again": lazy_gettext("is tried again"),
    "no answer": lazy_gettext("no answer came from the push service"),
    "refused": lazy_gettext("the push service refuses it"),
    "browser gone": lazy_gettext("the browser is gone"),
    "too large": lazy_gettext("too large"),
    "given up": lazy_gettext("given up after several attempts"),
    "other": lazy_gettext("something else"),
}
GATES = {
    "all_sending_stopped": lazy_gettext("Sending is on"),
    "no_browser": lazy_gettext("Has a living browser"),
    "has_left": lazy_gettext("Is still subscribed"),
    "topic_not_chosen": lazy_gettext("Chose its topic"),
    "message_ended": lazy_gettext("The message is still wanted"),
    "person_paused": lazy_gettext("Asked for no pause"),
    "message_held": lazy_gettext("The message is not held"),
    "too_late": lazy_gettext("It is still of use"),
    "outside_window": lazy_gettext("Its window is open"),
    "quiet_hours": lazy_gettext("No quiet hours"),
    "urgent_ticket": lazy_gettext("No urgent ticket open"),
    "unhappy_today": lazy_gettext("Not unhappy with us today"),
    "incident_open": lazy_gettext("Nothing of theirs in an open incident"),
    "too_soon": lazy_gettext("Far enough from the last message"),
    "week_is_full": lazy_gettext("Their week has room"),
}
FEATURES = {
    "words": lazy_gettext("Words in the title"),
    "emoji": lazy_gettext("With an emoji"),
    "question": lazy_gettext("Title is a question"),
    "image": lazy_gettext("With a big image"),
    "source": lazy_gettext("What it is for"),
}
FEATURE_VALUES = {"yes": lazy_gettext("yes"), "no": lazy_gettext("no"), **KINDS}
CONSENTS = {
    "given": lazy_gettext("agreed"),
    "changed": lazy_gettext("changed the topics"),
    "withdrawn": lazy_gettext("withdrew"),
    "imported": lazy_gettext("imported"),
}
BROWSERS = {
    "chrome": "Chrome",
    "edge": "Edge",
    "firefox": "Firefox",
    "safari": "Safari",
    "opera": "Opera",
    "samsung": "Samsung Internet",
    "yandex": "Yandex",
    "other": lazy_gettext("another browser"),
}
SYSTEMS = {
    "windows": "Windows",
    "android": "Android",
    "macos": "macOS",
    "ios": "iOS",
    "linux": "Linux",
    "chromeos": "ChromeOS",
    "other": lazy_gettext("another system"),
}
BROWSER_STATES = {
    "alive": lazy_gettext("alive"),
    "mismatch": lazy_gettext("made with another key"),
    "gone": lazy_gettext("gone"),
    "out": lazy_gettext("signed out"),
    "left": lazy_gettext("unsubscribed"),
}
CHAIN_STATES = {
    "draft": lazy_gettext("draft"),
    "active": lazy_gettext("active"),
    "paused": lazy_gettext("paused"),
    "archived": lazy_gettext("ended"),
}
ENTRIES = {
    "subscribed": lazy_gettext("whoever subscribes"),
    "topic": lazy_gettext("whoever chooses the topic"),
    "manual": lazy_gettext("by hand only"),
}
EXITS = {
    "clicked": lazy_gettext("They clicked a message of this chain"),
    "topic_left": lazy_gettext("They do not want its topic any more"),
    "ticket_opened": lazy_gettext("They opened a ticket"),
}
ISSUES = {
    "draft": lazy_gettext("draft"),
    "scheduled": lazy_gettext("on its way"),
    "sent": lazy_gettext("sent"),
    "skipped": lazy_gettext("skipped"),
}
SOURCES = {
    "feed": lazy_gettext("feed (RSS, Atom)"),
    "zendesk_articles": lazy_gettext("articles of Zendesk Guide"),
    "zendesk_posts": lazy_gettext("posts of the Zendesk community"),
    "whmcs_announcements": lazy_gettext("announcements of WHMCS"),
}
PARTS = {
    "votes": lazy_gettext("votes"),
    "freshness": lazy_gettext("freshness"),
    "relevance": lazy_gettext("relevance"),
    "engagement": lazy_gettext("engagement"),
}
POLLS = {"open": lazy_gettext("open"), "closed": lazy_gettext("closed")}
THOSE = {
    "stay": lazy_gettext("They finish on the version they entered with"),
    "move": lazy_gettext("They go on in the new version, from where they are"),
    "catch_up": lazy_gettext("So, and they also get the new steps they have passed, those who finished too"),
}
WHEN = {
    "now": lazy_gettext("as soon as it is confirmed"),
    "at": lazy_gettext("at one moment for all"),
    "local": lazy_gettext("at this time of each person's own day"),
    "window": lazy_gettext("spread over a window of the day"),
}


def local(at: datetime | None, where: ZoneInfo) -> str:
    """A moment in a time zone: "Mon 23 Nov, 11:00"."""
    return format_datetime(at.astimezone(where), "EEE d MMM, HH:mm", locale=get_locale()) if at else ""


def percent(found: float | None) -> str:
    """A share in per cent, with one digit below ten; a dash where there is none."""
    if found is None:
        return "–"
    number = found * 100
    return gettext("%(number)s %%", number=f"{number:.1f}" if number < 10 else f"{number:.0f}")
