"""What WHMCS brings to a digest: its published announcements."""

from typing import Any

import pytest

from adapters.whmcs import announcements
from adapters.whmcs.desk import WhmcsDesk
from deskside.errors import Permanent
from deskside.guard import AddressGuard
from deskside.ports import Environment
from tests.adapters.whmcs.install import Answer, Asked, Install


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number), "date": "2026-11-20 10:00:00", "title": f"News &amp; more {number}",
        "announcement": "<p>New <b>servers</b></p>", "published": "1", "parentid": "0", "language": "",
    } | changes  # fmt: skip


def told(*rows: dict[str, Any]) -> Answer:
    return Answer({"result": "success", "totalresults": len(rows), "announcements": {"announcement": list(rows)}})


@pytest.fixture
def environment(desk: WhmcsDesk) -> Environment:
    return Environment({"whmcs": desk}, AddressGuard())


def test_a_published_announcement_is_told_of_with_its_instant(install: Install, environment: Environment) -> None:
    install.on("GetAnnouncements", told(row(7)))
    (entry,) = announcements.build(environment).look({}, "").entries
    assert (entry.guid, entry.title) == ("7", "News & more 7")
    assert entry.url == f"{install.url}/index.php?rp=/announcements/7"
    # Its clock stands in Berlin.
    assert entry.published_at.isoformat() == "2026-11-20T09:00:00+00:00"
    assert "<" not in entry.summary


@pytest.mark.parametrize("hidden", [{"published": "0"}, {"published": ""}, {"date": "0000-00-00"}, {"title": " "}])
def test_what_is_not_published_is_never_told_of(
    install: Install, environment: Environment, hidden: dict[str, Any]
) -> None:
    install.on("GetAnnouncements", told(row(7, **hidden), row(8)))
    assert [entry.guid for entry in announcements.build(environment).look({}, "").entries] == ["8"]


def test_a_translation_has_its_language_and_the_page_of_its_original(
    install: Install, environment: Environment
) -> None:
    install.on("GetAnnouncements", told(row(8, parentid="7", language="german")))
    (entry,) = announcements.build(environment).look({}, "").entries
    assert entry.language == "de"
    assert entry.url.endswith("/announcements/7")


def test_the_first_look_goes_to_the_end_and_later_ones_do_not(install: Install, environment: Environment) -> None:
    def page(asked: Asked) -> Answer:
        start = int(asked.parameters["limitstart"])
        return told(*(row(number) for number in range(start + 1, min(start + 50, 180) + 1)))

    install.on("GetAnnouncements", page)
    source = announcements.build(environment)
    first = source.look({}, "")
    assert len(first.entries) == 180
    assert len(source.look({}, first.cursor).entries) == 100


def test_a_whmcs_that_is_not_configured_is_said_to_be_missing() -> None:
    with pytest.raises(Permanent, match=r"\[whmcs\]"):
        announcements.build(Environment({}, AddressGuard())).look({}, "")
