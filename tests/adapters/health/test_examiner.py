"""The examiner: one loop for all threads, one flight a target, and the deadline for every caller."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from adapters.health.examiner import Examiner
from adapters.health.settings import HealthSettings
from deskside.model.health import HealthReport, Sign, Word
from tests.adapters.health.looking import target
from tests.adapters.health.stand_ins import Gate, StandIn, saw

ALIVE = saw("tcp", Word.OK, Sign.ALIVE)


@contextmanager
def examiner(*probes: StandIn, **more: object) -> Iterator[Examiner]:
    settings = HealthSettings(**{"allow_networks": ("127.0.0.0/8",), **more})  # type: ignore[arg-type]
    made = Examiner(settings, probes)
    try:
        yield made
    finally:
        made.close()


def test_a_second_look_within_the_minute_is_the_first_ones_report_unless_fresh() -> None:
    probe = StandIn("tcp", ALIVE)
    with examiner(probe) as it:
        first = it.examine(target())
        assert it.examine(target()).checked_at == first.checked_at
        assert len(probe.looks) == 1
        assert it.examine(target(), fresh=True).checked_at > first.checked_at
        assert len(probe.looks) == 2


def test_a_shared_report_keeps_the_second_callers_own_words() -> None:
    with examiner(StandIn("tcp", ALIVE)) as it:
        it.examine(target())
        assert it.examine(target(found_by="ticket field 7")).target.found_by == "ticket field 7"


def test_nothing_is_shared_when_sharing_is_off_and_other_targets_are_their_own() -> None:
    probe = StandIn("tcp", ALIVE)
    with examiner(probe, share_seconds=0) as it:
        it.examine(target())
        it.examine(target())
        it.examine(target(address="127.0.0.2"))
    assert len(probe.looks) == 3


def test_callers_at_the_same_time_join_one_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, waiting = Gate(), threading.Semaphore(0)
    probe = StandIn("tcp", ALIVE, gate)
    with examiner(probe) as it, ThreadPoolExecutor(8) as pool:
        real = it._await
        monkeypatch.setattr(it, "_await", lambda *args: (waiting.release(), real(*args))[1])
        flights = [pool.submit(it.examine, target(), fresh=bool(number % 2)) for number in range(8)]
        for _ in flights:
            waiting.acquire()
        gate.opened.set()
        reports = [flight.result(20) for flight in flights]
    assert len(probe.looks) == 1
    assert {report.word for report in reports} == {Word.OK}


def test_no_more_than_the_limit_are_in_the_air() -> None:
    gate = Gate()
    probe = StandIn("tcp", ALIVE, gate)
    with examiner(probe, concurrent=2) as it, ThreadPoolExecutor(5) as pool:
        flights = [pool.submit(it.examine, target(address=f"127.0.0.{number + 1}")) for number in range(5)]
        gate.entered.acquire()
        gate.entered.acquire()
        assert not gate.entered.acquire(timeout=0.2)
        gate.opened.set()
        assert all(flight.result(20).word is Word.OK for flight in flights)


def test_who_finds_no_free_place_is_told_so_and_that_answer_is_not_kept() -> None:
    gate = Gate()
    probe = StandIn("tcp", ALIVE, gate)
    with examiner(probe, concurrent=1, deadline_seconds=0.4) as it, ThreadPoolExecutor(3) as pool:
        first = pool.submit(it.examine, target())
        gate.entered.acquire()
        # One of these gets the place when the first is done, and the other waits as long as that in vain.
        hosts = ("127.0.0.2", "127.0.0.3")
        waiting = {host: pool.submit(it.examine, target(address=host)) for host in hosts}
        codes = {host: flight.result(20).findings[0].details["code"] for host, flight in waiting.items()}
        assert sorted(map(str, codes.values())) == ["busy", "deadline"]
        assert first.result(20).word is Word.UNKNOWN
        gate.opened.set()
        turned_away = next(host for host, code in codes.items() if code == "busy")
        assert it.examine(target(address=turned_away)).word is Word.OK


@pytest.mark.timeout(30)
def test_even_a_probe_that_blocks_the_loop_cannot_hold_a_caller() -> None:
    release = threading.Event()

    async def block() -> None:
        release.wait(20)

    with examiner(StandIn("x", ALIVE, block), deadline_seconds=0.2) as it:
        report = it.examine(target())
        release.set()
    assert (report.word, report.findings[0].details["code"]) == (Word.UNKNOWN, "deadline")


def test_the_thread_starts_at_first_use_and_ends_with_close() -> None:
    def named() -> int:
        return sum(thread.name == "health" for thread in threading.enumerate())

    before = named()
    with examiner(StandIn("tcp", ALIVE)) as it:
        assert named() == before
        it.examine(target())
        it.examine(target(address="127.0.0.2"))
        assert named() == before + 1
    assert named() == before


def test_it_can_be_used_again_after_close() -> None:
    probe = StandIn("tcp", ALIVE)
    it = Examiner(HealthSettings(allow_networks=("127.0.0.0/8",), share_seconds=0), [probe])
    looks: list[Callable[[], HealthReport]] = [lambda: it.examine(target()), lambda: it.examine(target())]
    for examine in looks:
        assert examine().word is Word.OK
        it.close()
    it.close()
