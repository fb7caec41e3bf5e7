"""Column charts as plain numbers for a template: what is drawn, where, and what stands beside the axis."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 100
# Tops of an axis of minutes that read well, halves included.
_ROUND = (2, 4, 10, 20, 30, 60, 90, 120, 180, 240, 360, 480, 720, 960, 1440, 2160, 2880)
_BETWEEN = 0.3  # of a column's room


@dataclass(frozen=True, slots=True)
class Column:
    """One rectangle. The picture is `WIDTH` by `HEIGHT`, and y counts downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The columns of each series, None where there is no value; `top` is the value at the upper edge."""

    series: tuple[tuple[Column | None, ...], ...]
    top: float


def columns(series: Sequence[Sequence[float | None]], top: float) -> Chart:
    """Columns of several series, side by side for each place on the axis."""
    many = max((len(values) for values in series), default=0)
    room = WIDTH / many if many else WIDTH
    width = room * (1 - _BETWEEN) / max(1, len(series))
    return Chart(
        tuple(
            tuple(
                None
                if value is None
                else _column(place * room + room * _BETWEEN / 2 + number * width, width, value / top)
                for place, value in enumerate(values)
            )
            for number, values in enumerate(series)
        ),
        top,
    )


def _column(x: float, width: float, share: float) -> Column:
    # A value of nothing is still seen.
    height = max(1.0, min(1.0, share) * HEIGHT)
    return Column(round(x, 2), round(HEIGHT - height, 2), round(width, 2), round(height, 2))


def top_minutes(values: Sequence[float]) -> float:
    """A round number of minutes that no value exceeds."""
    most = max(values, default=0)
    days = -(-most // 2880) * 2880
    return float(next((step for step in _ROUND if step >= most), days))


def top_count(values: Sequence[float]) -> float:
    """A round number that no value exceeds."""
    most = max(values, default=0)
    power = 10 ** (len(str(int(most))) - 1) if most >= 1 else 1
    return float(next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= most))
