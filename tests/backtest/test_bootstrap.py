"""The resampled histories are the same however many processes draw them."""

import pytest

from deskside.backtest import bootstrap
from deskside.backtest.bootstrap import Years, drawn
from deskside.backtest.comparison import credited, weighted
from deskside.backtest.lines import make_desk
from deskside.backtest.weights import parse_weights
from deskside.order.calendar import WorkingTime
from tests.backtest.desks import planted


def test_one_process_and_several_draw_the_same_years(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make_desk(planted(8_000, gap=200), WorkingTime(), {"": 5})
    weights = parse_weights({"class": {"vip": 30}})
    source = Years(desk, (credited(desk, lambda _job: 0.0), weighted(desk, weights)), 1.0, range(len(desk.days)))
    monkeypatch.setattr(bootstrap.os, "cpu_count", lambda: 2)
    several = list(drawn(source, 2 * bootstrap.FEW_YEARS, seed=7))
    monkeypatch.setattr(bootstrap.os, "cpu_count", lambda: 1)
    assert list(drawn(source, 2 * bootstrap.FEW_YEARS, seed=7)) == several
    assert len({str(year) for year in several}) > 1
