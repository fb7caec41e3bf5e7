"""The raw commit rate of a database: inbox rows, each committed for itself, with the settings Deskside opens it with.

`python -m benchmarks.commits URL THREADS SECONDS` prints the rows committed a second: a process of its own, as the
receiver is one.
"""

import subprocess
import sys
import threading
import time

import sqlalchemy as sa

from benchmarks.load import Plan, request
from deskside.store.database import open_database, utc_now
from deskside.store.tables import inbox

_INSERT = sa.insert(inbox)


def rate(url: str, threads: int, seconds: float) -> float:
    """Rows committed a second by so many threads, in a process of its own. The database must be migrated."""
    command = [sys.executable, "-m", "benchmarks.commits", url, str(threads), str(seconds)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=seconds + 60)
    return float(done.stdout)


def _measure(url: str, threads: int, seconds: float) -> float:
    database = open_database(url, pool_size=threads)
    message = request(Plan(port=0, secret="none", name="raw", seconds=0), 0)
    head, _, body = message.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    run = f"{time.time_ns()}"
    counts = [0] * threads

    def commit(thread: int, until: float) -> None:
        while time.perf_counter() < until:
            values = {
                "source": "zendesk",
                "delivery_id": f"{run}-{thread}-{counts[thread]}",
                "type": "zen:event-type:ticket.benchmarked",
                "ticket_id": "1",
                "headers": headers,
                "body": body,
                "received_at": utc_now(),
            }
            with database.begin() as connection:
                connection.execute(_INSERT, values)
            counts[thread] += 1

    def all_threads(until: float) -> None:
        running = [threading.Thread(target=commit, args=(number, until)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    all_threads(time.perf_counter() + 0.3)
    counts[:] = [count + 1_000_000 for count in counts]
    before, started = sum(counts), time.perf_counter()
    all_threads(started + seconds)
    measured = (sum(counts) - before) / (time.perf_counter() - started)
    database.dispose()
    return measured


if __name__ == "__main__":
    print(_measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
