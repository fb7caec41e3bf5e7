"""`/push/events`: what browsers report of the pushes they got."""

from datetime import timedelta

from flask import Response
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from deskside.store.database import utc_now
from push.chains import flow
from push.polls import votes
from push.subscribers import reports
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.push import bodies
from webhooks.push.face import blueprint, face

reporting = blueprint("push_reporting")
# What waits longer in a browser that is offline is told as if it had happened then.
LONGEST = timedelta(days=7)


@reporting.post("/events")
@limiter.limit("600 per minute", key_func=get_remote_address)
def note() -> ResponseReturnValue:
    """Keep what happened. 204 also for tokens nobody knows: the answer tells nothing."""
    now = utc_now()
    told = [
        reports.Report(event["token"], event["what"], now - _ago(event["ago"]), event["button"])
        for event in bodies.read(bodies.ReportsSchema())["events"]
    ]
    with current().database.begin() as connection:
        for click in reports.note(connection, told):
            flow.clicked(connection, click.send, face().manners, now)
            if click.button is not None:
                votes.vote_by_button(connection, click.token, click.button, now)
    return Response(status=204, headers={"Cross-Origin-Resource-Policy": "cross-origin"})


def _ago(milliseconds: float) -> timedelta:
    return timedelta(milliseconds=min(max(milliseconds, 0.0), LONGEST.total_seconds() * 1000))
