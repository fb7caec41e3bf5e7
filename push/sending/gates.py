"""Whether a message goes to a person now: every rule of manners in one place, in one order, without I/O.

Each gate answers None when it has nothing against it, else when to ask again or that it is not to be sent, and why,
in words a person reads. `judge` is what the first objecting gate says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from push.model import COURTEOUS, Kind, Person, Window
from push.sending import windows
from push.settings import PushSettings

LONGEST_TTL = timedelta(hours=24)
# How soon a deferred message is looked at again at the earliest, and where the end of an obstacle is not known.
SOONEST = timedelta(minutes=1)
LOOK_AGAIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Manners:
    """The portal's own, where a person says nothing else."""

    zone: ZoneInfo
    window: Window | None = None
    quiet: Window | None = None
    per_week: int = 3
    gap: timedelta = timedelta(hours=4)
    language: str = "en"
    icon: str = ""

    def quiet_of(self, quiet_from: int | None, quiet_to: int | None) -> Window | None:
        """The quiet hours of somebody who wishes these; the portal's own, where they say none."""
        if quiet_from is None or quiet_to is None:
            return self.quiet
        return windows.of_minutes(quiet_from, quiet_to)


def manners(settings: PushSettings) -> Manners:
    """What `[push]` says."""
    zone = windows.zone(settings.zone) or ZoneInfo("UTC")
    gap = timedelta(minutes=settings.gap_minutes)
    return Manners(zone, settings.window, settings.quiet, settings.per_week, gap, settings.language, settings.icon)


@dataclass(frozen=True, slots=True)
class Send:
    """Nothing is against it. After `expires` nobody should see it come any more."""

    expires: datetime


@dataclass(frozen=True, slots=True)
class Defer:
    """Not before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Not at all."""

    reason: str


Decision = Send | Defer | Skip
Objection = Defer | Skip | None


@dataclass(frozen=True)
class Facts:
    """All that a decision depends on, as it is at `now`.

    `stopped` is who switched all sending off. `browsers` counts the living ones. `ended` and `held` are the message's
    own. `urgent_ticket`, `unhappy` and `incident` name what the desk knows of the person. `last_at` is when they last
    got a courteous message, `taken` how many they got in `week`; `granted` is true once this one has its place among
    them.
    """

    now: datetime
    kind: Kind
    person: Person
    manners: Manners
    not_after: datetime | None = None
    topic: str | None = None
    window: Window | None = None
    window_zone: str = ""
    stopped: str = ""
    browsers: int = 1
    ended: str = ""
    held: str = ""
    urgent_ticket: str = ""
    unhappy: str = ""
    incident: str = ""
    last_at: datetime | None = None
    taken: int = 0
    granted: bool = False

    @cached_property
    def zone(self) -> ZoneInfo:
        """The person's time zone; the portal's, where theirs is unknown."""
        return windows.zone(self.person.zone) or self.manners.zone

    @cached_property
    def open_window(self) -> tuple[Window, ZoneInfo] | None:
        """The window this message must keep to, and whose time it counts in."""
        if self.kind not in COURTEOUS:
            return None
        if self.window is not None:
            return self.window, windows.zone(self.window_zone) or self.zone
        return (self.manners.window, self.zone) if self.manners.window else None

    @cached_property
    def quiet(self) -> Window | None:
        """The person's quiet hours, else the portal's."""
        if self.kind not in COURTEOUS:
            return None
        return self.manners.quiet_of(self.person.quiet_from, self.person.quiet_to)

    @property
    def courteous(self) -> bool:
        """Whether manners bind this message."""
        return self.kind in COURTEOUS

    @property
    def cap(self) -> int:
        """How many courteous messages this person may get in a week."""
        return self.manners.per_week if self.person.per_week is None else self.person.per_week

    @property
    def week(self) -> str:
        """The person's week."""
        return windows.week(self.now, self.zone)

    def clock(self, moment: datetime) -> str:
        """A moment in the person's time, for a reason."""
        return f"{moment.astimezone(self.zone):%a %d %b %H:%M}"


def all_sending_stopped(facts: Facts) -> Objection:
    """The switch over all of push."""
    if not facts.stopped:
        return None
    reason = f"all sending was stopped by {facts.stopped}"
    return Skip(reason) if facts.kind is Kind.TEST else Defer(facts.now + LOOK_AGAIN, reason)


def no_browser(facts: Facts) -> Objection:
    """Somewhere it can be shown."""
    return None if facts.browsers else Skip("no browser of theirs is alive")


def has_left(facts: Facts) -> Objection:
    """Who left gets nothing."""
    return Skip(f"unsubscribed on {facts.clock(facts.person.left_at)}") if facts.person.left_at else None


def topic_not_chosen(facts: Facts) -> Objection:
    """Only what was agreed to."""
    if facts.topic is None or facts.kind is Kind.TEST or facts.topic in facts.person.topics:
        return None
    return Skip(f"has not chosen the topic {facts.topic}")


def message_ended(facts: Facts) -> Objection:
    """Exit rules of a chain, a campaign that was cancelled."""
    return Skip(facts.ended) if facts.ended else None


def person_paused(facts: Facts) -> Objection:
    """Who asked for a pause has it, from everything."""
    until = facts.person.paused_until
    if until is None or until <= facts.now or facts.kind is Kind.TEST:
        return None
    return Defer(until, f"asked for a pause until {facts.clock(until)}")


def message_held(facts: Facts) -> Objection:
    """A campaign or chain that was paused."""
    return Defer(facts.now + LOOK_AGAIN, facts.held) if facts.held else None


def too_late(facts: Facts) -> Objection:
    """What came too late is not sent after all."""
    if facts.not_after is None or facts.now < facts.not_after:
        return None
    return Skip(f"too late: it was of use until {facts.clock(facts.not_after)}")


def outside_window(facts: Facts) -> Objection:
    """Only in the message's window, else in the portal's."""
    if facts.open_window is None:
        return None
    window, zone = facts.open_window
    opens = windows.opens(window, facts.now, zone)
    if opens is None:
        return Skip("its window never opens")
    if opens <= facts.now:
        return None
    return Defer(opens, f"outside the window {window.start:%H:%M}-{window.end:%H:%M}; it opens {facts.clock(opens)}")


def quiet_hours(facts: Facts) -> Objection:
    """Nobody is woken by a courtesy."""
    until = windows.quiet_until(facts.quiet, facts.now, facts.zone) if facts.quiet else None
    return Defer(until, f"quiet hours until {facts.clock(until)}") if until else None


def urgent_ticket(facts: Facts) -> Objection:
    """No advertising to somebody whose server is down."""
    if not facts.courteous or not facts.urgent_ticket:
        return None
    return Defer(facts.now + LOOK_AGAIN, f"has an urgent ticket open: {facts.urgent_ticket}")


def unhappy_today(facts: Facts) -> Objection:
    """Nor to somebody who complained, or rated us badly, today."""
    if not facts.courteous or not facts.unhappy:
        return None
    return Defer(windows.next_day(facts.now, facts.zone), f"is unhappy with us today: {facts.unhappy}")


def incident_open(facts: Facts) -> Objection:
    """While something of theirs is broken we speak of nothing else."""
    if not facts.courteous or not facts.incident:
        return None
    return Defer(facts.now + LOOK_AGAIN, f"something of theirs is in an open incident: {facts.incident}")


def too_soon(facts: Facts) -> Objection:
    """A distance between two messages to one person."""
    if not facts.courteous or facts.granted or facts.last_at is None:
        return None
    free = facts.last_at + facts.manners.gap
    if free <= facts.now:
        return None
    return Defer(free, f"got another message at {facts.clock(facts.last_at)}; the next may come {facts.clock(free)}")


def week_is_full(facts: Facts) -> Objection:
    """So many a week and no more."""
    if not facts.courteous or facts.granted or facts.taken < facts.cap:
        return None
    until = windows.next_week(facts.now, facts.zone)
    return Defer(until, f"has had {facts.taken} this week, at most {facts.cap} are wanted")


GATES: tuple[Callable[[Facts], Objection], ...] = (
    all_sending_stopped,
    no_browser,
    has_left,
    topic_not_chosen,
    message_ended,
    person_paused,
    message_held,
    too_late,
    outside_window,
    quiet_hours,
    urgent_ticket,
    unhappy_today,
    incident_open,
    too_soon,
    week_is_full,
)


def judge(facts: Facts) -> Decision:
    """What the first gate with an objection says, else that it goes out now.

    A message is never deferred beyond its own end: then it is skipped, for the same reason. So every row is settled in
    the end, whatever stands in its way.
    """
    for gate in GATES:
        found = gate(facts)
        if found is not None:
            return within(facts, found)
    return Send(expires(facts))


def within(facts: Facts, found: Defer | Skip) -> Defer | Skip:
    """The objection, or that the message is skipped for it, when it would be deferred beyond its end."""
    if isinstance(found, Skip):
        return found
    until = max(found.until, facts.now + SOONEST)
    if facts.not_after is not None and until >= facts.not_after:
        return Skip(f"{found.reason}; by then it is of no use ({facts.clock(facts.not_after)})")
    return Defer(until, found.reason)


def expires(facts: Facts) -> datetime:
    """Until when the push service may keep it: a day, and no longer than its window, its use, and the next quiet hours.

    The service holds a message until the device wakes: what goes out at 13:59 must not ring at night.
    """
    ends: list[datetime | None] = [facts.now + LONGEST_TTL, facts.not_after]
    if facts.open_window is not None:
        ends.append(windows.closes(facts.open_window[0], facts.now, facts.open_window[1]))
    if facts.quiet is not None:
        ends.append(windows.quiet_from(facts.quiet, facts.now, facts.zone))
    return min(end for end in ends if end is not None)
