"""Promises of the settings page."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from deskside import plugins
from deskside.errors import ConfigurationError
from deskside.store import people
from deskside.store.database import reading
from tests.webhooks.desk import PASSWORD, Shelf, csrf_of, post, text

NEW = "another long one"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current": "wrong", "new": NEW, "again": NEW}, "The current password is not right."),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "must have 10 to 200 characters"),
        ({"current": PASSWORD, "new": "x" * 201, "again": "x" * 201}, "must have 10 to 200 characters"),
        ({"current": PASSWORD, "new": NEW, "again": NEW + "r"}, "The two new passwords differ."),
        ({}, "must have 10 to 200 characters"),
    ],
)
def test_a_wrong_change_of_password_says_what_is_wrong(agent: FlaskClient, form: dict[str, str], said: str) -> None:
    answer = post(agent, "/settings/password", **form)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_the_new_password_opens_and_the_old_one_no_longer_does(agent: FlaskClient, app: Flask) -> None:
    assert post(agent, "/settings/password", current=PASSWORD, new=NEW, again=NEW).status_code == 303
    for password, code in ((PASSWORD, 401), (NEW, 303)):
        answer = post(app.test_client(), "/sign-in", page="/sign-in", name="agent", password=password)
        assert answer.status_code == code


def test_only_admins_see_people_and_plug_ins(sign_in: Callable[..., FlaskClient]) -> None:
    for role in ("agent", "ops"):
        html = text(sign_in(role), "/settings")
        assert "People" not in html
        assert "Plug-ins" not in html
    html = text(sign_in("admin"), "/settings")
    assert ">ops<" in html
    assert "Plug-ins" in html


def test_a_broken_plug_in_is_shown_not_a_broken_page(
    sign_in: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(group: str) -> None:
        raise ConfigurationError(f"{group}: 'x' of acme cannot be loaded")

    monkeypatch.setattr(plugins, "find", broken)
    assert "deskside.probes: &#39;x&#39; of acme cannot be loaded" in text(sign_in("admin"), "/settings")


def test_an_admin_says_from_which_pools_a_person_takes_tickets(
    sign_in: Callable[..., FlaskClient], shelf: Shelf, database: sa.Engine
) -> None:
    shelf.ticket("1", pool="Billing, domains")
    shelf.ticket("2", pool="<b>Servers</b>")
    sign_in("agent", name="ann")
    admin = sign_in("admin")
    html = text(admin, "/settings")
    assert "all pools" in html
    assert 'value="&lt;b&gt;Servers&lt;/b&gt;"' in html
    chosen = {"csrf_token": csrf_of(admin, "/settings"), "name": "ann", "pool": ["Billing, domains", "<b>Servers</b>"]}
    assert admin.post("/settings/people/pools", data=chosen).status_code == 303
    with reading(database) as connection:
        assert people.pools_of(connection, "ann") == ("Billing, domains", "<b>Servers</b>")
    assert "Billing, domains, &lt;b&gt;Servers&lt;/b&gt;" in text(admin, "/settings")
    assert post(admin, "/settings/people/pools", name="ann").status_code == 303
    with reading(database) as connection:
        assert people.pools_of(connection, "ann") == ()
    assert post(admin, "/settings/people/pools", name="nobody").status_code == 404


def test_nobody_but_an_admin_changes_pools(sign_in: Callable[..., FlaskClient], database: sa.Engine) -> None:
    for role in ("agent", "ops"):
        client = sign_in(role)
        assert post(client, "/settings/people/pools", name=role, pool="Billing").status_code == 403
        with reading(database) as connection:
            assert people.pools_of(connection, role) == ()
