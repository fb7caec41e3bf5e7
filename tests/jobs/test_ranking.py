"""From a ticket to its place: every factor is asked once, under its cap, and a place only improves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.model.place import Contribution, Scale
from deskside.order.key import Caps
from deskside.ports import Situation
from jobs import ranking
from tests.databases import migrated_sqlite, open_careless
from tests.jobs.desk import MORNING, Bench, make_bench, make_ticket, promised


class Gives:
    """A factor that gives these minutes."""

    def __init__(self, minutes: int, scale: Scale = Scale.COMMERCIAL) -> None:
        self.name = f"gives{minutes}"
        self.minutes = minutes
        self.scale = scale
        self.asked: list[Situation] = []

    def weigh(self, situation: Situation) -> Contribution | None:
        self.asked.append(situation)
        return Contribution(self.name, self.minutes, self.scale, "because") if self.minutes else None


def bench_with(sqlite: sa.Engine, *factors: Any, **parts: Any) -> Bench:
    return make_bench(sqlite, factors=list(factors), **parts)


@pytest.fixture
def sqlite(tmp_path: Path) -> Any:
    opened = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    yield opened
    opened.dispose()


def weigh(bench: Bench, **more: Any) -> Any:
    values = {"reopened": False, "carried_minutes": 0, "server_down": False, **more}
    ticket = values.pop("ticket", make_ticket())
    return ranking.weigh(bench.context, ticket, values.pop("at", MORNING), **values)


def test_the_minutes_of_all_factors_add_up(sqlite: sa.Engine) -> None:
    place = weigh(bench_with(sqlite, Gives(30), Gives(0), Gives(45)))
    assert place.head_start == 75 * 60
    assert place.key == int(MORNING.timestamp()) - 75 * 60
    assert [item.minutes for item in place.contributions] == [30, 45]


@pytest.mark.parametrize(
    ("factors", "minutes"),
    [
        ([Gives(200), Gives(200)], 240),
        ([Gives(400, Scale.CONTRACT), Gives(200)], 480),
        ([Gives(400, Scale.CONTRACT)], 400),
        ([Gives(4320, Scale.EMERGENCY), Gives(200)], 4320),
        ([Gives(5000, Scale.EMERGENCY)], 4320),
    ],
)
def test_each_kind_of_reason_ends_at_its_cap(sqlite: sa.Engine, factors: list[Gives], minutes: int) -> None:
    assert weigh(bench_with(sqlite, *factors)).head_start == minutes * 60


def test_a_plugin_that_takes_minutes_away_is_refused(sqlite: sa.Engine) -> None:
    with pytest.raises(ValueError, match="never negative"):
        weigh(bench_with(sqlite, Gives(-1)))


def test_a_factor_sees_the_ticket_and_the_moment_of_its_arrival(sqlite: sa.Engine) -> None:
    factor = Gives(1)
    bench = bench_with(sqlite, factor)
    ticket = make_ticket(service_level=promised(90))
    weigh(bench, ticket=ticket, reopened=True, carried_minutes=7, server_down=True)
    assert factor.asked == [
        Situation(
            ticket=ticket,
            now=MORNING,
            reopened=True,
            carried_minutes=7,
            server_down=True,
            minutes_to_breach=90,
            options=bench.context.settings.queue,
        )
    ]


def test_a_promise_is_measured_in_working_time(sqlite: sa.Engine) -> None:
    factor = Gives(1)
    office = {f"DESKSIDE_QUEUE__CALENDAR__{day}": "09:00-18:00" for day in ("MON", "TUE", "WED", "THU", "FRI")}
    bench = make_bench(sqlite, office, factors=[factor])
    friday = datetime(2026, 11, 20, 17, tzinfo=UTC)
    ticket = make_ticket(service_level=promised(0, datetime(2026, 11, 23, 10, tzinfo=UTC)))
    weigh(bench, ticket=ticket, at=friday)
    assert factor.asked[0].minutes_to_breach == 120


def test_a_promise_broken_before_the_arrival_is_below_zero_and_freezes_nothing(bench: Bench) -> None:
    place = weigh(bench, ticket=make_ticket(service_level=promised(-100_000)))
    assert place.head_start == 480 * 60


def test_from_its_safe_moment_on_no_ordinary_ticket_can_newly_go_ahead(bench: Bench) -> None:
    columns = ranking.columns(bench.context, weigh(bench, ticket=make_ticket(tags=frozenset({"vip"}))))
    assert columns["safe_at"] == MORNING + timedelta(minutes=480 - 60)
    strongest = weigh(bench, ticket=make_ticket(service_level=promised(0, columns["safe_at"])), at=columns["safe_at"])
    assert strongest.key >= columns["key"]


def test_a_better_place_counts_from_the_moment_it_was_earned(bench: Bench) -> None:
    bench.put()
    row = bench.look()
    event = MORNING + timedelta(minutes=30)
    better = weigh(bench, ticket=make_ticket(tags=frozenset({"vip"})))
    changed = ranking.raised(bench.context, row, better, event)
    assert changed["key"] == int(event.timestamp()) - 60 * 60
    assert changed["band"] == "ahead"


def test_a_worse_place_changes_nothing(bench: Bench) -> None:
    bench.put(tags=frozenset({"vip"}))
    row = bench.look()
    assert ranking.raised(bench.context, row, weigh(bench), MORNING) == {}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1440), st.integers(0, 3000), st.booleans())
def test_no_late_boost_raises_a_key_or_breaks_the_promise_of_a_frozen_place(
    row_and_bench: Any, minutes: int, later: int, emergency: bool
) -> None:
    row, bench = row_and_bench
    scale = Scale.EMERGENCY if emergency else Scale.CONTRACT
    boosted = replace(bench.context, factors=[Gives(minutes, scale)], caps=Caps())
    event = MORNING + timedelta(minutes=later)
    place = ranking.weigh(boosted, make_ticket(), MORNING, reopened=False, carried_minutes=0, server_down=emergency)
    changed = ranking.raised(boosted, row, place, event)
    key = changed.get("key", row.key)
    assert key <= row.key
    assert key == row.key or key >= int(event.timestamp()) - place.head_start


@pytest.fixture
def row_and_bench(sqlite: sa.Engine) -> Any:
    bench = make_bench(sqlite)
    bench.put()
    return bench.look(), bench


def test_a_dead_server_without_a_factor_for_it_moves_nobody(bench: Bench) -> None:
    bench.put()
    row = bench.look()
    calm = replace(bench.context, factors=[Gives(30)])
    assert ranking.emergency(calm, row, MORNING) == {}


def test_a_dead_server_ends_at_the_cap_of_emergencies(bench: Bench) -> None:
    bench.put()
    row = bench.look()
    loud = replace(bench.context, factors=[Gives(3000, Scale.EMERGENCY), Gives(3000, Scale.EMERGENCY)])
    changed = ranking.emergency(loud, row, MORNING)
    assert changed["key"] == int(MORNING.timestamp()) - 4320 * 60
    assert ranking.emergency(loud, bench.row(), MORNING)["emergency"] is True
