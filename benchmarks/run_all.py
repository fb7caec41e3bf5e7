"""All benchmarks, one after another: `python -m benchmarks.run_all [--json] [--write]`.

`--write` puts the measured table, with the machine it was measured on, into `benchmarks/README.md`.
"""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import (
    backtest,
    confluence,
    enrichment,
    examination,
    fanout,
    knowledge_noop,
    markup,
    push_queue,
    queue_top,
    receiver,
    search,
    whmcs_page,
    whmcs_reconcile,
)
from benchmarks.figures import Figure, machine, show

SCRIPTS = {
    "Receiver": receiver,
    "Enrichment": enrichment,
    "Examination": examination,
    "Top of the queue": queue_top,
    "Sends that are due": push_queue,
    "Back-test": backtest,
    "Fan-out of web push": fanout,
    "The addon in a page of WHMCS": whmcs_page,
    "Converter of Confluence": confluence,
    "A reconcile round of WHMCS": whmcs_reconcile,
    "Articles as HTML": markup,
    "A look at 5,000 articles that finds nothing": knowledge_noop,
    "Search of articles": search,
}
README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def markdown(stated: dict[str, Any], measured: dict[str, Sequence[Figure]]) -> str:
    """The measured table and the machine, as Markdown."""
    lines = [", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in stated.items()), ""]
    lines += ["| what | measured | target | peers of the same run |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(figure.cells())} |" for figures in measured.values() for figure in figures]
    return "\n".join(lines) + "\n"


def write(text: str) -> None:
    """Put the text between the README's marks."""
    before, _, rest = README.read_text("utf-8").rstrip("\n").partition(_BEGIN)
    after = rest.partition(_END)[2]
    before = before if before.endswith("\n\n") else f"{before}\n\n"
    README.write_text(before + _BEGIN + "\n" + text + "\n" + _END + after, "utf-8")


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write", action="store_true", help="also write the table into README.md")
    chosen = parser.parse_args()
    stated = machine()
    measured: dict[str, Sequence[Figure]] = {}
    for title, script in SCRIPTS.items():
        measured[title] = script.measure()
        if not chosen.json:
            show(title, measured[title])
    stated["load_after"] = round(os.getloadavg()[0], 2)
    if chosen.json:
        figures = {title: [figure.as_json() for figure in found] for title, found in measured.items()}
        print(json.dumps({"machine": stated, "figures": figures}, indent=2))
    if chosen.write:
        write(markdown(stated, measured))


if __name__ == "__main__":
    main()
