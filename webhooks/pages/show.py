"""How values are put into words on a page. Text from outside is cleaned here and escaped by Jinja."""

import hashlib
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from flask import Flask, url_for
from flask_babel import get_locale, lazy_gettext
from markupsafe import Markup

from deskside.model.boost import BoostState
from deskside.model.effect import EffectKind
from deskside.model.place import Contribution
from deskside.order.explain import Comparison
from deskside.store.database import utc_now
from webhooks.context import current
from webhooks.pages.words import gettext

STATIC = Path(__file__).parent / "static"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Control characters, and the marks that turn the direction of text round to disguise it.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"\s+")

HEALTH = {
    "down": lazy_gettext("down"),
    "degraded": lazy_gettext("degraded"),
    "ok": lazy_gettext("ok"),
    "unknown": lazy_gettext("unknown"),
    "": lazy_gettext("not checked"),
}
STATES = {
    "waiting": lazy_gettext("waiting"),
    "planned": lazy_gettext("planned"),
    "trying": lazy_gettext("on its way"),
    "done": lazy_gettext("done"),
    "ignored": lazy_gettext("ignored"),
    "dropped": lazy_gettext("no longer needed"),
    "dead": lazy_gettext("dead"),
}
KINDS = {
    EffectKind.NOTE: lazy_gettext("note"),
    EffectKind.TAGS: lazy_gettext("tags"),
    EffectKind.PLACE: lazy_gettext("place in the views"),
    EffectKind.INVOICE: lazy_gettext("invoice"),
    EffectKind.CANCEL: lazy_gettext("invoice cancelled"),
    EffectKind.CREDIT: lazy_gettext("money given back as credit"),
}
FACTORS = {
    "waiting": lazy_gettext("Arrival"),
    "server_down": lazy_gettext("Server down"),
    "sla_target": lazy_gettext("Service level"),
    "reopened": lazy_gettext("Reopened"),
    "vip_tag": lazy_gettext("VIP"),
    "plan": lazy_gettext("Plan"),
    "tenure": lazy_gettext("Tenure"),
    "spend": lazy_gettext("Spend"),
    "asks_seldom": lazy_gettext("Asks seldom"),
    "complaint": lazy_gettext("Complaint"),
    "contact": lazy_gettext("Authorised contact"),
    "open_incident": lazy_gettext("Known incident"),
    "moved": lazy_gettext("Moved"),
    "boost": lazy_gettext("Paid place"),
}
TICKET_STATES = {
    "new": lazy_gettext("new"),
    "open": lazy_gettext("open"),
    "pending": lazy_gettext("pending"),
    "hold": lazy_gettext("on hold"),
    "solved": lazy_gettext("solved"),
    "closed": lazy_gettext("closed"),
    "deleted": lazy_gettext("deleted"),
}
BANDS = {
    "emergency": lazy_gettext("emergency"),
    "ahead": lazy_gettext("with a head start"),
    "normal": lazy_gettext("by arrival"),
}
MOVES = {
    "front": lazy_gettext("to the front"),
    "second": lazy_gettext("behind the first"),
    "complaint": lazy_gettext("complaint confirmed"),
    "skip": lazy_gettext("passed over"),
    "revoked": lazy_gettext("paid place taken back"),
}
BOOST_STATES = {
    BoostState.ASKED: lazy_gettext("the invoice is being written"),
    BoostState.INVOICED: lazy_gettext("waits for payment"),
    BoostState.GRANTED: lazy_gettext("paid, the place was given"),
    BoostState.RETURNING: lazy_gettext("paid, not moved: the money is on its way back"),
    BoostState.RETURNED: lazy_gettext("paid, not moved: the money is back as credit"),
    BoostState.REVOKED: lazy_gettext("the payment went back, and the place with it"),
    BoostState.CANCELLED: lazy_gettext("cancelled, never paid"),
    BoostState.REFUSED: lazy_gettext("the invoice could not be written"),
}
BOOST_WHY = {
    "left": lazy_gettext("it did not wait any more"),
    "same": lazy_gettext("it would not have come further ahead"),
    "client": lazy_gettext("a request of this client was moved today already"),
    "share": lazy_gettext("enough requests were moved lately"),
    "bought": lazy_gettext("it has a paid place already"),
    # Of a place that was taken back: what became of its invoice.
    "open": lazy_gettext("the invoice is unpaid again"),
    "refunded": lazy_gettext("the invoice was refunded"),
    "cancelled": lazy_gettext("the invoice was cancelled"),
}
ROLES = {"agent": lazy_gettext("agent"), "ops": lazy_gettext("ops"), "admin": lazy_gettext("admin")}


def plain(text: object, most: int = 2000) -> str:
    """Text from outside on one line: hidden characters made visible, cut at `most` characters."""
    found = _SPACE.sub(" ", _HIDDEN.sub(REPLACEMENT, str(text or ""))).strip()
    return found if len(found) <= most else found[: most - 1] + "…"


def lines(text: object) -> str:
    """Text from outside that keeps its lines."""
    return _HIDDEN.sub(REPLACEMENT, str(text or "").replace("\r\n", "\n"))


def span(minutes: int) -> str:
    """A length of time by the clock: minutes, hours and minutes, or days and hours."""
    days, rest = divmod(max(0, minutes), 1440)
    if not days:
        return work_span(rest)
    long = gettext("%(days)s d", days=days)
    hours = rest // 60
    return _unbroken(f"{long} {gettext('%(hours)s h', hours=hours)}" if hours else long)


def work_span(minutes: int) -> str:
    """A length of working time, in hours and minutes: a working day is not 24 hours."""
    hours, rest = divmod(max(0, minutes), 60)
    if not hours:
        return _unbroken(gettext("%(minutes)s min", minutes=rest))
    long = gettext("%(hours)s h", hours=hours)
    return _unbroken(f"{long} {gettext('%(minutes)s min', minutes=rest)}" if rest else long)


def money(amount: Decimal | str, currency: str) -> str:
    """An amount in its currency (ISO 4217)."""
    return str(format_currency(Decimal(amount or 0), currency, locale=get_locale()))


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def age(at: datetime | None, now: datetime | None = None) -> str:
    """How long ago, in words."""
    return span(int(((now or utc_now()) - at).total_seconds() // 60)) if at else ""


def moment(at: datetime | str | None) -> Markup:
    """A `<time>` with the time in UTC; the browser's own time takes its place where JavaScript runs."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return Markup("")
    if at is None:
        return Markup("")
    at = at.astimezone(UTC)
    layout = "HH:mm" if at.date() == utc_now().date() else "d MMM HH:mm"
    text = format_datetime(at, layout, locale=get_locale())
    return Markup('<time datetime="{}">{} UTC</time>').format(at.strftime("%Y-%m-%dT%H:%M:%SZ"), text)


def weekday(day: date) -> str:
    """A day of the last weeks: "Mon 17"."""
    return format_date(day, "EEE d", locale=get_locale())


def took(milliseconds: object) -> str:
    """How long a measurement took."""
    if not isinstance(milliseconds, int | float):
        return ""
    if milliseconds < 1000:
        return gettext("%(time)s ms", time=round(milliseconds))
    return gettext("%(time)s s", time=f"{milliseconds / 1000:.1f}")


def reasoned(found: Contribution) -> str:
    """Why a factor gave what it gave, in the reader's language; as the plug-in said it where that is not known."""
    return gettext(found.template, **found.values) if found.template else found.reason


def compared(found: Comparison) -> str:
    """Why one ticket stands before another, in the reader's language."""
    names = {"first": f"#{found.first}", "second": f"#{found.second}", "span": work_span(found.minutes)}
    if found.minutes == 0:
        came = gettext("%(first)s came at the same time as %(second)s", **names)
    elif found.earlier:
        came = gettext("%(first)s came %(span)s before %(second)s", **names)
    else:
        came = gettext("%(first)s came %(span)s after %(second)s", **names)
    if found.first_start == found.second_start == 0:
        return came
    if found.first_start == found.second_start:
        return gettext("%(came)s; both have %(start)s of head start", came=came, start=work_span(found.first_start))
    return gettext(
        "%(came)s, with %(mine)s of head start against %(other)s",
        came=came,
        mine=work_span(found.first_start),
        other=work_span(found.second_start),
    )


def factor(name: str) -> str:
    """The label of a factor; a plug-in's factor is called by its own name."""
    return str(FACTORS.get(name) or plain(name.replace("_", " ").capitalize(), 60))


def value(found: object) -> str:
    """One value of a finding's details."""
    if isinstance(found, str):
        return plain(found, 500)
    if isinstance(found, list | tuple) and all(isinstance(part, str | int | float) for part in found):
        return plain(", ".join(str(part) for part in found), 500)
    return plain(json.dumps(found, ensure_ascii=False), 500)


def desk(name: str) -> str:
    """What people call a desk."""
    return plain(current().actions.desk_title(name), 60)


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file, which changes when the file does."""
    return url_for("pages.static", filename=name, v=_fingerprint(name))


def register(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.filters.update(
        plain=plain,
        lines=lines,
        span=span,
        work_span=work_span,
        age=age,
        moment=moment,
        weekday=weekday,
        took=took,
        compared=compared,
        reasoned=reasoned,
        factor=factor,
        desk=desk,
        value=value,
        money=money,
    )
    app.jinja_env.globals.update(
        asset=asset,
        HEALTH=HEALTH,
        STATES=STATES,
        KINDS=KINDS,
        TICKET_STATES=TICKET_STATES,
        ROLES=ROLES,
        BANDS=BANDS,
        MOVES=MOVES,
        BOOST_STATES=BOOST_STATES,
        BOOST_WHY=BOOST_WHY,
    )
