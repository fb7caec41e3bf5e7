"""A reconcile round of WHMCS with 1,000 active tickets, on the simulated WHMCS that takes 100 ms for every call.

WHMCS cannot be asked what changed, so each round lists every active ticket. The peer asks for the same pages one after
another, over one kept connection.
"""

import os
import time
from pathlib import Path

import requests

from benchmarks.figures import Figure, main
from benchmarks.running import stores
from deskside import app, settings
from deskside.demo.whmcs import SimulatedWhmcs

TICKETS = 1000
LATENCY_SECONDS = 0.1
TARGET_SECONDS = 10.0
_PAGE = 100


def measure() -> list[Figure]:
    """One figure: the round, beside the same pages one after another."""
    with SimulatedWhmcs(timezone="UTC") as whmcs, stores() as kinds:
        department = whmcs.add_department("Support")
        client = whmcs.add_client("Ann Smith", "ann@acme.example")
        for number in range(TICKETS):
            whmcs.create_ticket(client, f"Ticket {number}", "please", department_id=department)
        parts = app.build(settings.load(Path(os.devnull), _environment(whmcs, kinds["SQLite"].make("reconcile"))))
        desk = parts.context.desk("whmcs")
        # Connections are open in a process that runs; the statuses of the desk are known to it.
        first = desk.changes(None)
        whmcs.latency_seconds = LATENCY_SECONDS
        started = time.perf_counter()
        page = desk.changes(first.cursor)
        took = time.perf_counter() - started
        if len(page.sightings) != TICKETS:
            raise RuntimeError(f"{len(page.sightings)} of {TICKETS} tickets were listed")
        peer = _one_after_another(whmcs)
        whmcs.latency_seconds = 0.0
        parts.database.dispose()
    return [
        Figure(
            f"a round over {TICKETS:,} active tickets, {LATENCY_SECONDS * 1000:.0f} ms a call",
            took,
            "s",
            {"the same pages one after another": peer},
            target=TARGET_SECONDS,
        )
    ]


def _environment(whmcs: SimulatedWhmcs, database: str) -> dict[str, str]:
    return {
        "DESKSIDE_DATABASE__URL": database,
        "DESKSIDE_WHMCS__URL": whmcs.url,
        "DESKSIDE_WHMCS__IDENTIFIER": whmcs.identifier,
        "DESKSIDE_WHMCS__SECRET": whmcs.secret,
        "DESKSIDE_WHMCS__TIMEZONE": "UTC",
    }


def _one_after_another(whmcs: SimulatedWhmcs) -> float:
    asked = {"action": "GetTickets", "responsetype": "json", "limitnum": _PAGE, "ignore_dept_assignments": "true"}
    asked |= {"identifier": whmcs.identifier, "secret": whmcs.secret, "status": "All Active Tickets"}
    started = time.perf_counter()
    with requests.Session() as session:
        seen = 0
        while seen < TICKETS:
            answer = session.post(f"{whmcs.url}/includes/api.php", asked | {"limitstart": seen}, timeout=30).json()
            seen += int(answer["numreturned"])
    return time.perf_counter() - started


if __name__ == "__main__":
    main("A reconcile round of WHMCS", measure)
