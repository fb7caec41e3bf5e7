"""One agent writes; the others see who, and can take it over by name."""

import json

from tests.webhooks.embedding import Asking, agent

ANN, BOB = agent(1, "Ann"), agent(2, "Bob")


def test_who_comes_second_sees_who_was_first(asking: Asking) -> None:
    first = asking.ask("lock.take", "1", agent=ANN)
    second = asking.ask("lock.take", "1", agent=BOB)
    assert first["lock"]["granted"]
    assert first["lock"]["mine"]
    assert not second["lock"]["granted"]
    assert second["lock"]["holder"] == "Ann"
    assert second["lock"]["token"] is None
    assert "Ann is writing a reply" in second["html"]


def test_a_renewed_lock_stays_and_a_released_one_is_free(asking: Asking) -> None:
    token = asking.ask("lock.take", "1", agent=ANN)["lock"]["token"]
    assert asking.ask("lock.renew", "1", agent=ANN, token=token)["lock"]["granted"]
    assert not asking.ask("lock.release", "1", agent=BOB, token="made up")["lock"]["granted"]
    assert asking.ask("lock.release", "1", agent=ANN, token=token)["lock"]["granted"]
    assert not asking.ask("lock.state", "1", agent=BOB)["lock"]["held"]
    assert asking.ask("lock.take", "1", agent=BOB)["lock"]["granted"]


def test_a_take_over_names_both_to_both(asking: Asking) -> None:
    token = asking.ask("lock.take", "1", agent=ANN)["lock"]["token"]
    taken = asking.ask("lock.override", "1", agent=BOB)
    assert taken["lock"]["taken_from"] == "Ann"
    assert "You took it over from Ann." in taken["html"]
    lost = asking.ask("lock.renew", "1", agent=ANN, token=token)
    assert not lost["lock"]["granted"]
    assert lost["lock"]["holder"] == "Bob"
    assert "Bob is writing a reply" in lost["html"]


def test_a_ticket_that_deskside_does_not_know_yet_can_be_locked_too(asking: Asking) -> None:
    assert asking.ask("lock.take", "never seen", agent=ANN)["lock"]["granted"]


def test_a_recorded_change_cannot_be_played_again(asking: Asking) -> None:
    body = json.dumps({"type": "lock.take", "ticket": "1", "agent": ANN}).encode()
    headers = asking.signed(body)
    token = asking.post(body, headers).get_json()["lock"]["token"]
    asking.ask("lock.release", "1", agent=ANN, token=token)
    assert asking.post(body, headers).status_code == 409
    assert not asking.ask("lock.state", "1", agent=BOB)["lock"]["held"]


def test_looking_changes_nothing_and_may_be_repeated(asking: Asking) -> None:
    body = json.dumps({"type": "lock.state", "ticket": "1", "agent": ANN}).encode()
    headers = asking.signed(body)
    assert asking.post(body, headers).status_code == 200
    assert asking.post(body, headers).status_code == 200
