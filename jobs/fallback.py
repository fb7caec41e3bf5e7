"""Messages that nobody saw, by another channel."""

import logging

from deskside.errors import DesksideError, UnknownOutcome
from deskside.ports import Channel
from deskside.store.database import utc_now
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task
from push import fallback
from push.fallback import Attempt

log = logging.getLogger(__name__)

LOOK_SECONDS = 60


@task("push.fallback", max_attempts=1)
def carry(run: Run) -> Settle | None:
    """Carry what is due, one message after the other; each is noted before it leaves, and after."""
    context: Context = run.context
    falling = context.falling
    if falling is None or not falling.rules or falling.letters is None:
        return None
    with context.database.begin() as connection:
        fallback.arm(connection, falling.rules, utc_now())
    with context.database.begin() as connection:
        attempts = fallback.begin(connection, falling.rules, falling.attributes, falling.letters, utc_now())
    for attempt in attempts:
        error = _send(falling.channels[attempt.channel], attempt)
        if error is None:
            continue
        with context.database.begin() as connection:
            fallback.settle(connection, attempt, error, utc_now())
    return None


def _send(channel: Channel, attempt: Attempt) -> str | None:
    """Why it could not be sent, empty when it was; None leaves it as a promo of which nobody knows."""
    letter = attempt.letter
    try:
        channel.send(attempt.recipient, letter.subject, letter.text, html=letter.html, marker=attempt.marker)
    except UnknownOutcome as error:
        log.warning("%s: %s", attempt.channel, error)
        return str(error) if attempt.insistent else None
    except DesksideError as error:
        # Also what might work later: the next channel is tried, because waiting would take the point out of it.
        log.warning("%s: %s", attempt.channel, error)
        return str(error)
    return ""
