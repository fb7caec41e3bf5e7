"""What the addon adds to a page of WHMCS: the real addon in the double, with Deskside answering, away, and just gone.

The pages are an agent's note (an event is recorded and pushed), an agent's ticket page and a client's (places to be
filled). The peer is the same page of the same double without the addon; both take turns.
"""

import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure, main
from benchmarks.running import SECRET, server, stores
from tests.doubles.whmcs_server import Visitor, Whmcs, missing, running_whmcs

ADDON = Path(__file__).resolve().parents[1] / "adapters/whmcs/addon/modules/addons/deskside"
REPEATS = 200
AWAY_REPEATS = 5
TARGET_MS = 5.0
AWAY_TARGET_MS = 850.0
# Nothing is asked of WHMCS here: a worker would do that.
WHMCS = {
    "DESKSIDE_WHMCS__URL": "http://127.0.0.1:9",
    "DESKSIDE_WHMCS__IDENTIFIER": "nobody",
    "DESKSIDE_WHMCS__SECRET": "nothing",
    "DESKSIDE_WHMCS__WEBHOOK_SECRET": SECRET,
}
STATE = "mod_deskside_state"
Page = Callable[[Whmcs, Visitor, Visitor], object]


def measure() -> list[Figure]:
    """The figures, or none where PHP is not installed."""
    if missing():
        return []
    return _answering() + _away()


def _answering() -> list[Figure]:
    with stores() as kinds, tempfile.TemporaryDirectory() as folder:
        script = str(Path(__file__).with_name("server_alone.py"))
        with server(kinds["SQLite"].make("whmcs"), "python", script, **WHMCS) as running:
            addon = packed(Path(folder), running.port)
            with running_whmcs([addon]) as with_it, running_whmcs() as without:
                with_it.activate("deskside")
                return [_figure(f"{name}, Deskside answers", page, with_it, without) for name, page in PAGES.items()]


def _away() -> list[Figure]:
    # A port that takes connections and says nothing is the slowest way to be away.
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with running_whmcs([packed(Path(folder), port)]) as with_it, running_whmcs() as without:
            with_it.activate("deskside")

            def first_to_notice() -> None:
                with_it.execute(f"DELETE FROM {STATE}")

            first = _figure(
                "an agent's note, Deskside is silent",
                note,
                with_it,
                without,
                AWAY_REPEATS,
                AWAY_TARGET_MS,
                first_to_notice,
            )
            with_it.execute(f"UPDATE {STATE} SET value = '9999999999' WHERE name = 'breaker_until'")
            return [
                first,
                *(_figure(f"{name}, in the minute after", page, with_it, without) for name, page in PAGES.items()),
            ]


def note(whmcs: Whmcs, admin: Visitor, _client: Visitor) -> None:
    """An agent adds a note: one event."""
    path = whmcs.admin_path("supporttickets.php?action=viewticket&id=1")
    admin.post(path, {"postreply": "1", "postaction": "note", "message": "x"}, follow=False).raise_for_status()


def ticket(whmcs: Whmcs, admin: Visitor, _client: Visitor) -> None:
    """An agent looks at a ticket."""
    admin.get(whmcs.admin_path("supporttickets.php"), action="view", id=1).raise_for_status()


def own_ticket(whmcs: Whmcs, _admin: Visitor, client: Visitor) -> None:
    """A client looks at the own ticket."""
    client.get(ADDRESSES[whmcs.base_url]).raise_for_status()


PAGES: dict[str, Page] = {
    "an agent's note": note,
    "an agent's ticket page": ticket,
    "a client's ticket page": own_ticket,
}
ADDRESSES: dict[str, str] = {}


def _figure(
    what: str,
    page: Page,
    with_it: Whmcs,
    without: Whmcs,
    repeats: int = REPEATS,
    target: float = TARGET_MS,
    before: Callable[[], None] = lambda: None,
) -> Figure:
    took: dict[str, list[float]] = {"with": [], "without": []}
    people = {}
    for name, whmcs in (("with", with_it), ("without", without)):
        people[name] = (whmcs, whmcs.admin(), whmcs.client())
        row = whmcs.table("tbltickets")[0]
        ADDRESSES[whmcs.base_url] = f"/viewticket.php?tid={row['tid']}&c={row['c']}"
        # So that the ticket does not grow from one measurement to the next.
        whmcs.execute("DELETE FROM tblticketnotes")
        page(*people[name])
    for _ in range(repeats):
        for name, who in people.items():
            if name == "with":
                before()
            started = time.perf_counter()
            page(*who)
            took[name].append((time.perf_counter() - started) * 1000)
    # Turn by turn: what else the machine does meanwhile falls on both alike.
    added = statistics.median(a - b for a, b in zip(took["with"], took["without"], strict=True))
    plain = statistics.median(took["without"])
    return Figure(
        f"added to {what}",
        added,
        "ms",
        {"the whole page without the addon": plain},
        target=target,
        details={"worst_with_ms": max(took["with"]), "worst_without_ms": max(took["without"])},
    )


def packed(folder: Path, port: int) -> Path:
    """The addon with an address and a secret filled in."""
    addon = folder / "deskside"
    shutil.copytree(ADDON, addon)
    file = addon / "deskside_config.php"
    text = file.read_text().replace("{{DESKSIDE_URL}}", f"http://127.0.0.1:{port}")
    file.write_text(text.replace("{{DESKSIDE_SECRET}}", SECRET))
    return addon


if __name__ == "__main__":
    main("The addon in a page of WHMCS", measure)
