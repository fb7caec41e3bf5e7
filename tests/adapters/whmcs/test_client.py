"""What each action sends, and what it reads; those for later parts too."""

from datetime import datetime

import pytest

from adapters.whmcs.client import Client, Clients
from adapters.whmcs.settings import Settings
from deskside.errors import Gone, Permanent
from tests.adapters.whmcs.install import Answer, Install

AT = datetime(2026, 11, 22, 12, 30)  # noqa: DTZ001 - WHMCS's local time


@pytest.fixture
def client(settings: Settings) -> Client:
    return Clients(settings).here()


def test_servers_come_as_a_flat_list(install: Install, client: Client) -> None:
    row = {"id": "4", "name": "node4", "hostname": "node4.example", "ipaddress": "198.51.100.4", "active": "1"}
    install.on("GetServers", Answer({"result": "success", "servers": [row | {"accesshash": "canary"}]}))
    (server,) = client.servers()
    assert (server.id, server.host, server.address, server.active) == ("4", "node4.example", "198.51.100.4", True)
    assert "fetchStatus" not in install.seen[0].parameters


def test_administrators_come_without_a_result(client: Client) -> None:
    (admin,) = client.admins()
    assert (admin.id, admin.full_name, admin.disabled) == ("3", "Eve Online", False)


def test_a_reply_needs_its_author(install: Install, client: Client) -> None:
    install.on("AddTicketReply", Answer())
    client.reply("5", "hello", "deskside", silently=True)
    assert install.seen[0].parameters == {
        "ticketid": "5", "message": "hello", "adminusername": "deskside", "noemail": "1", "responsetype": "json",
    }  # fmt: skip
    client.reply("5", "hello", "deskside")
    assert "noemail" not in install.seen[1].parameters
    with pytest.raises(Permanent, match="admin_username"):
        client.reply("5", "hello", "")


@pytest.mark.parametrize("flat", [True, False])
def test_announcements_are_read_in_either_form(install: Install, client: Client, *, flat: bool) -> None:
    row = {"id": "4", "date": "2026-11-01 10:00:00", "title": "A &amp; B", "announcement": "<p>R&amp;D</p>",
           "published": "1", "parentid": "0", "language": ""}  # fmt: skip
    nested = {"announcements": {"announcement": [row]}}
    flattened = {f"announcements[announcement][0][{key}]": value for key, value in row.items()}
    install.on("GetAnnouncements", Answer({"result": "success", "totalresults": 1, **(flattened if flat else nested)}))
    (found,) = client.announcements()
    assert (found.id, found.title, found.body, found.published, found.parent) == (
        "4", "A & B", "<p>R&amp;D</p>", True, None,
    )  # fmt: skip


def test_an_announcement_is_made_and_changed(install: Install, client: Client) -> None:
    install.on("AddAnnouncement", Answer({"result": "success", "announcementid": "9"}))
    install.on("UpdateAnnouncement", Answer({"result": "success", "announcementid": "9"}))
    assert client.add_announcement(AT, "Title", "<p>x</p>", published=True) == "9"
    client.update_announcement("9", AT, "Title", "<p>y</p>", published=False)
    made, changed = (asked.parameters for asked in install.seen)
    assert (made["date"], made["published"]) == ("2026-11-22 12:30:00", "1")
    # "false" would be true to PHP.
    assert "published" not in changed
    assert changed["announcementid"] == "9"


def test_what_has_no_number_is_not_asked_for(install: Install, client: Client) -> None:
    with pytest.raises(Gone):
        client.account("x")
    assert install.seen == []
