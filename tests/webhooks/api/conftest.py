"""Programs with tokens."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from deskside.store import people


@pytest.fixture
def program(app: Flask, database: sa.Engine) -> Callable[..., FlaskClient]:
    """A client whose token has these scopes; all of them when none is named."""

    def make(*scopes: str) -> FlaskClient:
        with database.begin() as connection:
            token = people.add_token(connection, "+".join(scopes) or "all", scopes or people.SCOPES)
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return make
