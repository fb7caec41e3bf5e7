"""A worker of web push in a process of its own, to be killed: `python -m tests.durability.push_worker URL PORT`.

It looks and sends until nothing is left to do. What posts is a plain HTTP client in the place of the fan-out.
"""

import http.client
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

from deskside.store.database import open_database, reading, utc_now
from deskside.store.push_tables import send
from push.campaigns import control
from push.campaigns.messages import messages_of
from push.sending import recovery, run
from push.sending.messages import nothing
from push.sending.run import Sending, run_batch
from push.wire.answer import Verdict
from push.wire.fanout import Outcome, Parcel
from tests.push.sending.world import MANNERS

import sqlalchemy as sa  # isort: skip

# So that the next worker need not wait long for what a dead one had.
run.LEASE = timedelta(seconds=1.5)


class PlainPost:
    """Posts one after the other; an exchange that breaks is unknown."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Outcome]:
        for parcel in parcels:
            try:
                self._connection.request("POST", f"/{parcel.endpoint.rpartition('/')[2]}", parcel.body)
                self._connection.getresponse().read()
            except OSError:
                self._connection.close()
                yield Outcome(parcel.id, Verdict.UNKNOWN, None, "no answer")
                continue
            yield Outcome(parcel.id, Verdict.ACCEPTED, 201)

    def close(self) -> None:
        self._connection.close()


def main(url: str, port: int) -> None:
    """Work until everything has come to an end."""
    database = open_database(url)
    sending = Sending(database, PlainPost(port), MANNERS_ALWAYS, messages_of, nothing, utc_now, "victim")
    left = True
    while left:
        with database.begin() as connection:
            recovery.recover(connection, nothing, utc_now())
            control.start_next(connection, MANNERS_ALWAYS, utc_now())
        if not run_batch(sending, 250):
            # Only leases can be left to wait for.
            time.sleep(0.1)
        with reading(database) as connection:
            still = sa.exists().where(send.c.state.in_(["due", "claimed", "sending"]))
            left = bool(connection.scalar(sa.select(still)))


# At whatever hour the test is run.
MANNERS_ALWAYS = type(MANNERS)(zone=MANNERS.zone)

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
