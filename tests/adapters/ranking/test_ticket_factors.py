"""What the ticket is gives minutes: a complaint, an authorised contact, a known incident."""

import pytest

from adapters.ranking import complaint, contact, open_incident, server_down
from deskside.model.place import Scale
from tests.adapters.ranking.situations import situation


def test_a_complaint_is_a_tag_of_the_ticket_and_not_of_its_client() -> None:
    found = complaint.factor.weigh(situation(tags=frozenset({"Complaint"})))
    assert found is not None and (found.minutes, found.scale) == (60, Scale.COMMERCIAL)
    assert complaint.factor.weigh(situation(client_tags=frozenset({"complaint"}))) is None


@pytest.mark.parametrize("where", ["tags", "client_tags"])
def test_an_authorised_contact_is_marked_on_the_ticket_or_the_person(where: str) -> None:
    found = contact.factor.weigh(situation(**{where: frozenset({"authorised_contact"})}))
    assert found is not None and found.minutes == 15


def test_everybody_else_loses_nothing() -> None:
    for module in (complaint, contact, open_incident):
        assert module.factor.weigh(situation(tags=frozenset({"vip"}))) is None


@pytest.mark.parametrize("option", ["complaint_minutes", "contact_minutes", "incident_minutes"])
def test_each_can_be_switched_off(option: str) -> None:
    tags = frozenset({"complaint", "authorised_contact"})
    module = {"complaint_minutes": complaint, "contact_minutes": contact, "incident_minutes": open_incident}[option]
    assert module.factor.weigh(situation(tags=tags, incident="fire", options={option: 0})) is None


def test_a_known_outage_gives_its_own_minutes_and_not_the_emergency_head_start_again() -> None:
    known = situation(server_down=True, incident="Rack 7 is dark")
    found = open_incident.factor.weigh(known)
    assert found is not None and (found.minutes, "Rack 7 is dark" in found.reason) == (30, True)
    dead = server_down.factor.weigh(known)
    assert dead is not None and dead.minutes == 0
