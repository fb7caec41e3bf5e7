"""A person's own settings, and what an admin sees of this installation."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

import deskside
from deskside import plugins
from deskside.errors import ConfigurationError
from deskside.store import people, queue, turns
from deskside.store.database import Row, reading
from webhooks.context import current
from webhooks.limits import failed, limiter
from webhooks.pages.access import allowed, needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.show import plain
from webhooks.pages.words import gettext

SHORTEST = 10
LONGEST = 200


@pages.get("/settings")
def settings_page() -> ResponseReturnValue:
    """Password and language; for admins the people and the plug-ins too."""
    return _page()


@pages.post("/settings/password")
@limiter.limit("10 per minute", key_func=lambda: f"person:{person().id}", deduct_when=failed)
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other session of this person ends."""
    new = request.form.get("new", "")
    wrong = _wrong_password(new, request.form.get("again", ""))
    if wrong:
        return _page(wrong), 422
    database = current().database
    with reading(database) as connection:
        known = people.sign_in(connection, person().name, request.form.get("current", "")[:1000])
    if known is None:
        return _page(gettext("The current password is not right.")), 422
    with database.begin() as connection:
        people.set_password(connection, known.name, new)
        changed = people.get_person(connection, known.id)
    session["version"] = changed.session_version if changed else None
    flash(gettext("The password was changed. Every other session was signed out."))
    return redirect(url_for("pages.settings_page"), 303)


@pages.post("/settings/people/pools")
@needs("admin")
def change_pools() -> ResponseReturnValue:
    """Say from which pools a person takes tickets."""
    name = request.form.get("name", "")
    pools = [pool[:120] for pool in request.form.getlist("pool") if pool]
    database = current().database
    with database.begin() as connection:
        if not people.set_pools(connection, name, pools):
            abort(404)
    flash(gettext("Changed from which pools %(name)s takes tickets.", name=plain(name, 120)))
    return redirect(url_for("pages.settings_page"), 303)


def _wrong_password(new: str, again: str) -> str | None:
    if not SHORTEST <= len(new) <= LONGEST:
        return gettext("The new password must have %(least)s to %(most)s characters.", least=SHORTEST, most=LONGEST)
    if new != again:
        return gettext("The two new passwords differ.")
    return None


def _page(wrong: str | None = None) -> str:
    everybody, pools = None, []
    groups: dict[str, list[plugins.Plugin] | str] = {}
    if allowed("admin"):
        with reading(current().database) as connection:
            everybody = people.people(connection)
            pools = _pools(connection, everybody)
        groups = {group: _found(group) for group in plugins.GROUPS}
    return render_template(
        "settings.html",
        wrong=wrong,
        people=everybody,
        pools=pools,
        plugins=groups,
        shortest=SHORTEST,
        version=deskside.__version__,
    )


def _pools(connection: sa.Connection, everybody: Sequence[Row]) -> list[str]:
    """Every pool that can be chosen: those configured, those seen, and those somebody has."""
    seen = {*queue.pool_names(connection), *turns.pool_names(connection)}
    configured = {rule.name for rule in current().settings.pool_rules}
    return sorted(seen | configured | {pool for one in everybody for pool in one.pools})


def _found(group: str) -> list[plugins.Plugin] | str:
    try:
        return list(plugins.find(group))
    except ConfigurationError as error:
        return str(error)
