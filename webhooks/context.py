"""What every face needs of the wiring, kept on the Flask app."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Flask, current_app

from deskside.knowledge.search.synonyms import NONE, Synonyms
from deskside.settings import Settings
from deskside.vault import Vault
from webhooks.actions import Actions

_NAME = "deskside"


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the configuration, what a person may set in motion, and where secrets are sealed.

    `synonyms` are the team's own words for one another, for the search.
    """

    database: sa.Engine
    settings: Settings
    actions: Actions
    vault: Vault = field(default_factory=Vault)
    synonyms: Synonyms = NONE


def put(app: Flask, context: Context) -> None:
    """Keep the context on this app."""
    app.extensions[_NAME] = context


def of(app: Flask) -> Context:
    """The context that was put on this app."""
    found: Context = app.extensions[_NAME]
    return found


def current() -> Context:
    """The context of the app that answers the present request."""
    return of(current_app)
