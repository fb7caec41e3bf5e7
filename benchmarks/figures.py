"""Measured figures: as a table for people, as JSON for programs, and the machine they were measured on."""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside what it is compared with.

    `peers` are measured in the same run, in the same unit; `target` is the value to reach, `at_most` says from which
    side. With `target_ratio` the target is a part of the first peer instead. `paired` holds ratios that were taken turn by
    turn, where value and peers are medians over the turns.
    """

    what: str
    value: float
    unit: str
    peers: Mapping[str, float] = field(default_factory=dict)
    target: float | None = None
    target_ratio: float | None = None
    at_most: bool = True
    paired: Mapping[str, float] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratios(self) -> dict[str, float]:
        """The value as a multiple of each peer."""
        return {name: self.value / peer for name, peer in self.peers.items() if peer} | dict(self.paired)

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target_ratio is not None:
            reached = next(iter(self.ratios.values()))
            return reached <= self.target_ratio if self.at_most else reached >= self.target_ratio
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target

    def as_json(self) -> dict[str, Any]:
        """The figure with its ratios, ready for JSON."""
        return {**asdict(self), "ratios": self.ratios, "met": self.met}

    def cells(self) -> tuple[str, str, str, str]:
        """The figure as a row of a table: what, value, target, peers."""
        sign = "≤" if self.at_most else "≥"
        target = "" if self.target is None else f"{sign} {number(self.target)} {self.unit}"
        if self.target_ratio is not None:
            target = f"{sign} {self.target_ratio:.0%} of the first peer"
        if self.met is not None:
            target += " (met)" if self.met else " (missed)"
        peers = "; ".join(
            f"{name}: {number(value)} {self.unit} (ratio {number(self.ratios.get(name, 0))})"
            for name, value in self.peers.items()
        )
        return self.what, f"{number(self.value)} {self.unit}", target, peers


def number(value: float) -> str:
    """A value with three significant digits, or whole from a hundred on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def machine(folder: Path | None = None) -> dict[str, Any]:
    """What the figures depend on: processor, software, and how fast the disk under `folder` makes a write durable."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "fdatasync_per_second": round(_syncs_per_second(folder or Path(tempfile.gettempdir()))),
        # Above the number of cores, other work took part of the machine, and times are too long.
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _syncs_per_second(folder: Path, times: int = 300) -> float:
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            started = time.perf_counter()
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    return 1 / statistics.median(took)


def main(title: str, measure: Callable[[], Sequence[Figure]]) -> None:
    """The command line of one script: run `measure`, print a table, or JSON with `--json`."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    stated = machine()
    figures = measure()
    stated["load_after"] = round(os.getloadavg()[0], 2)
    if chosen.json:
        print(json.dumps({"machine": stated, "figures": [figure.as_json() for figure in figures]}, indent=2))
    else:
        show(title, figures)


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    table = Table("what", "measured", "target", "peers of the same run", title=title, title_justify="left")
    for figure in figures:
        table.add_row(*figure.cells())
    Console(width=None if os.isatty(1) else 160).print(table)
