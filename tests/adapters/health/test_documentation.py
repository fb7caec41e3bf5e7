"""docs/health.md tells every probe and every limit there is, with its default."""

import re
from configparser import ConfigParser
from pathlib import Path

from adapters.health.settings import LIMITS

ROOT = Path(__file__).resolve().parents[3]
ROWS = {
    match[1]: match[0]
    for match in re.finditer(r"^\| `(\w+)` \|.*$", (ROOT / "docs/health.md").read_text("utf-8"), re.MULTILINE)
}


def registered() -> set[str]:
    """The probes that setup.cfg registers."""
    configuration = ConfigParser()
    configuration.read(ROOT / "setup.cfg", "utf-8")
    lines = configuration["options.entry_points"]["deskside.probes"].strip().splitlines()
    return {line.partition("=")[0].strip() for line in lines}


def test_every_probe_has_its_row() -> None:
    assert registered() == set(ROWS)


def test_every_row_tells_what_is_asked_the_limits_and_all_three_words() -> None:
    for name, row in ROWS.items():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 6 and all(cells), name


def test_every_limit_is_told_with_its_default() -> None:
    table = "\n".join(ROWS.values())
    for key, value in LIMITS.items():
        assert re.search(rf"`{key}` {value:g}(?![\d.])", table), key
