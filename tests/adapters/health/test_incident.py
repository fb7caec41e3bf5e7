"""Known incidents: matched by what they concern, told behind the status, read at most every ten seconds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.health import incident
from adapters.health.examine import examine
from adapters.health.incident import IncidentProbe
from adapters.health.settings import HealthSettings
from adapters.health.wording import note_lines
from deskside.model.health import Finding, HealthReport, Sign, Word
from deskside.model.incident import Incident
from deskside.model.service import Target
from deskside.ports import Surroundings
from deskside.store import incidents
from deskside.store.database import open_database
from tests.adapters.health import looking
from tests.adapters.health.looking import LOOPBACK, run, target

NOW = datetime.now(UTC)


def known(*scope: str, title: str = "Power in rack 4", opened_at: datetime = NOW) -> Incident:
    return Incident(1, title, scope, opened_at)


def look(*open_now: Incident, at: Target | None = None) -> Sequence[Finding]:
    surroundings = Surroundings("127.0.0.1", (), LOOPBACK, None, {})
    return run(IncidentProbe(lambda: open_now).look(at or target("srv1.example"), surroundings))  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["127.0.0.1", "127.0.0.0/29", "SRV1", "srv1.example", "::1"])
def test_an_incident_is_matched_by_address_network_and_name(scope: str) -> None:
    (finding,) = look(known("198.51.100.0/24", scope), at=target("srv1.example", addresses=("127.0.0.1", "::1")))
    assert (finding.word, finding.sign, finding.details["known_incident"]) == (Word.UNKNOWN, Sign.NOTHING, True)


@pytest.mark.parametrize("scope", ["127.0.0.2", "127.0.1.0/24", "srv", "srv11", "2001:db8::/32"])
def test_what_it_does_not_concern_says_nothing(scope: str) -> None:
    assert look(known(scope)) == ()


def test_the_list_is_read_again_only_after_its_time() -> None:
    reads = []

    def read() -> Sequence[Incident]:
        reads.append(1)
        return [known("127.0.0.1")]

    keeping, forgetting = IncidentProbe(read, 3600), IncidentProbe(read, 0)
    for probe in (keeping, keeping, forgetting, forgetting):
        assert looking.look(probe, target()).details["known_incident"]
    assert len(reads) == 3


def test_the_report_tells_that_an_incident_is_known_and_the_note_since_when() -> None:
    def report(*open_now: Incident) -> HealthReport:
        settings = HealthSettings(allow_networks=("127.0.0.0/8",))
        return run(examine(target(), [IncidentProbe(lambda: open_now)], settings))

    morning = NOW.replace(hour=10, minute=31)
    one = report(known("srv1", opened_at=morning))
    assert one.known_incident
    assert note_lines(one)[1] == "Known incident since 10:31 UTC: Power in rack 4."
    assert note_lines(one, language="ru")[1] == "Известная авария с 10:31 UTC: Power in rack 4."
    older = report(known("srv1", title="a\nb", opened_at=morning - timedelta(days=2)))
    assert note_lines(older)[1] == f"Known incident since {morning - timedelta(days=2):%Y-%m-%d} 10:31 UTC: a b."
    assert not report().known_incident


def test_the_plug_in_reads_what_the_store_holds(database: sa.Engine) -> None:
    probe = incident.probe.build(HealthSettings(), database)
    with database.begin() as connection:
        number = incidents.open_incident(connection, "Power", ["127.0.0.1"], NOW)
    (finding,) = run(probe.look(target(), Surroundings(None, (), LOOPBACK, None, {})))  # type: ignore[arg-type]
    assert finding.details["incidents"] == [{"id": number, "title": "Power", "since": NOW.isoformat(), "today": True}]


def test_without_a_database_there_are_none_and_none_is_made(tmp_path: Path) -> None:
    probe = incident.probe.build(HealthSettings(), open_database(f"sqlite:///{tmp_path}/none.db"))
    assert run(probe.look(target(), Surroundings(None, (), LOOPBACK, None, {}))) == ()  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_an_older_layout_does_not_stop_a_check(tmp_path: Path) -> None:
    (tmp_path / "old.db").touch()
    probe = incident.probe.build(HealthSettings(), open_database(f"sqlite:///{tmp_path}/old.db"))
    assert run(probe.look(target(), Surroundings(None, (), LOOPBACK, None, {}))) == ()  # type: ignore[arg-type]
