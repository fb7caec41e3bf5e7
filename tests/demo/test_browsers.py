"""The browsers of the demonstration take real pushes, and tell of them as real browsers do."""

import queue
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, request

from deskside.commandline import demo_push
from deskside.demo.browsers import Browsers
from deskside.store.database import reading, utc_now
from deskside.store.push_tables import push, send, subscription
from push.model import Notification
from push.sending.gates import manners
from push.settings import PushSchema, PushSettings
from push.wire import payload
from push.wire.answer import Verdict
from push.wire.fanout import Fanout, Parcel
from push.wire.vapid import Keys, generate, private_text
from tests.serving import serving


@pytest.fixture
def told() -> "queue.Queue[dict[str, str]]":
    return queue.Queue()


@pytest.fixture
def browsers(tmp_path: Path, told: "queue.Queue[dict[str, str]]") -> Iterator[Browsers]:
    face = Flask("deskside")

    @face.post("/push/events")
    def events() -> tuple[str, int]:
        for event in request.get_json()["events"]:
            told.put(event)
        return "", 204

    with serving(face) as url, Browsers(tmp_path, f"{url}/push/events", many=30) as opened:
        yield opened


def settings(browsers: Browsers) -> PushSettings:
    found: PushSettings = PushSchema().load(
        {
            "vapid_private_key": private_text(generate()),
            "subject": "mailto:ops@desk.example",
            "endpoints": [browsers.address],
            "ca_file": str(browsers.ca_file),
        }
    )
    return found


def test_what_is_pushed_to_them_is_decrypted_and_told_of(
    browsers: Browsers, told: "queue.Queue[dict[str, str]]"
) -> None:
    found = settings(browsers)
    keys = Keys(found)
    fanout = Fanout(found, keys)
    parcels = [
        Parcel(
            one.number,
            one.endpoint,
            one.p256dh,
            one.auth,
            keys.current.id,
            payload.build(Notification(f"token-{one.number}", "tag", "Title", "Text", "https://a.example/"), 3000),
            60,
        )
        for one in browsers.browsers
    ]
    outcomes = list(fanout.deliver(parcels))
    fanout.close()
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    first = told.get(timeout=60)
    assert first["what"] == "shown"
    assert first["token"].startswith("token-")


def test_what_is_for_nobody_or_for_somebody_else_is_not_taken(browsers: Browsers) -> None:
    found = settings(browsers)
    keys = Keys(found)
    fanout = Fanout(found, keys)
    one, other = browsers.browsers[:2]
    nobody = one.endpoint.replace("/push/0", "/push/99")
    parcels = [
        Parcel(1, nobody, one.p256dh, one.auth, keys.current.id, b"{}", 60),
        Parcel(2, one.endpoint, other.p256dh, other.auth, keys.current.id, b"{}", 60),
    ]
    verdicts = {outcome.id: outcome.verdict for outcome in fanout.deliver(parcels)}
    fanout.close()
    assert verdicts == {1: Verdict.GONE, 2: Verdict.INVALID}


def test_the_month_behind_the_demonstration_has_figures_and_a_chain_with_people_in_it(
    browsers: Browsers, database: sa.Engine
) -> None:
    now = utc_now()
    portal = manners(settings(browsers))
    with database.begin() as connection:
        demo_push.fill(connection, "zendesk", "http://127.0.0.1/push/", "k", browsers.browsers, portal, now)
    with reading(database) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(subscription)) == 30
        assert connection.scalar(sa.select(sa.func.count()).where(push.c.shown_at.is_not(None))) > 50
        assert connection.scalar(sa.select(sa.func.max(push.c.tried_at))) < now
        waiting = connection.execute(sa.select(send).where(send.c.state == "due")).all()
    assert {(row.kind, row.step_key) for row in waiting} == {("step", "hello")}
    assert all(row.due_at == now + timedelta(minutes=5) for row in waiting)
