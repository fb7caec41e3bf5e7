"""The switch that stops everything, on every screen of web push."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from deskside.store.database import utc_now
from push.campaigns import control
from webhooks.context import current
from webhooks.pages.access import needs, person, safe_next
from webhooks.pages.blueprint import pages
from webhooks.pages.words import gettext


@pages.post("/campaigns/stop")
@needs("ops")
def stop_all_pushes() -> ResponseReturnValue:
    """Nothing goes out from now on."""
    with current().database.begin() as connection:
        control.stop_all(connection, person().name, utc_now())
    flash(gettext("All sending is stopped. What a push service has taken already still arrives."), "warning")
    return redirect(safe_next(request.form.get("next")), 303)


@pages.post("/campaigns/go-on")
@needs("ops")
def allow_all_pushes() -> ResponseReturnValue:
    """Everything goes on."""
    with current().database.begin() as connection:
        control.allow_all(connection)
        current().actions.push_soon(connection)
    flash(gettext("Sending goes on. What came too late meanwhile is left out."))
    return redirect(safe_next(request.form.get("next")), 303)
