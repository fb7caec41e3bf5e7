"""What an auto-reply can say of a ticket's place and time, in every language of the clients."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import force_locale, get_locale

from deskside.store.database import utc_now
from webhooks.pages.signing import LANGUAGES
from webhooks.pages.words import gettext
from webhooks.times import Times

DAY = timedelta(days=1)


def texts(times: Times, link: str, zone: ZoneInfo) -> dict[str, str]:
    """The text by language. Its times are those of the desk's own zone, which is named: a mail knows no browser."""
    found = {}
    for language in LANGUAGES:
        with force_locale(language):
            found[language] = " ".join(_sentences(times, link, zone))
    return found


def _sentences(times: Times, link: str, zone: ZoneInfo) -> list[str]:
    place = gettext("Your request is number %(position)s in line.", position=times.position)
    said = [gettext("Your request is next in line.") if times.position == 1 else place]
    if times.range is None:
        said.append(gettext("We cannot yet say when it will be answered."))
    else:
        said.append(
            gettext(
                "Half of the requests in such a place are answered by %(half)s, nine of ten by %(nine)s (%(zone)s).",
                half=_clock(times.range.half, zone),
                nine=_clock(times.range.nearly_all, zone),
                zone=zone.key,
            )
        )
    if times.safe_at and times.safe_at > utc_now():
        safe = _clock(times.safe_at, zone)
        said.append(
            gettext(
                "After %(time)s (%(zone)s) only a server that is down can newly go ahead of you.",
                time=safe,
                zone=zone.key,
            )
        )
    else:
        said.append(gettext("Only a server that is down can newly go ahead of you now."))
    said.append(gettext("Your place and time, always up to date: %(link)s", link=link))
    return said


def _clock(at: datetime, zone: ZoneInfo) -> str:
    local, today = at.astimezone(zone), utc_now().astimezone(zone).date()
    layout = "HH:mm" if local.date() == today else "d MMMM HH:mm"
    return str(format_datetime(local.replace(tzinfo=None), layout, locale=get_locale()))
