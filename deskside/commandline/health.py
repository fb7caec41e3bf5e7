"""`deskside health`: the same look a ticket gets, in the terminal."""

import ipaddress
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adapters.health.places import Place, elsewhere, from_here
from adapters.health.wording import (
    found_phrase,
    leading_findings,
    note_lines,
    place_line,
    sorted_findings,
    why_phrase,
    word_of,
)
from deskside import app, settings
from deskside.commandline import common
from deskside.commandline.queue import COLOURS
from deskside.errors import DesksideError
from deskside.model.health import Finding, HealthReport, Word
from deskside.model.service import Target

EXIT_CODES = {Word.OK: 0, Word.DEGRADED: 1, Word.DOWN: 2, Word.UNKNOWN: 3}
_FAILED = 4
_SYMBOLS = {Word.DOWN: "✗", Word.DEGRADED: "!", Word.OK: "✓", Word.UNKNOWN: "?"}
_BAR = 12
# No bar is long when all was quick.
_LEAST_SCALE_MS = 100.0
_LABELS = {
    "en": {"checked": "checked at {time} UTC from {vantage} in {took}", "cure": "cure", "looking": "Looking at"},
    "ru": {
        "checked": "проверено в {time} UTC из {vantage} за {took}",
        "cure": "исправить",
        "looking": "Смотрю на",
    },
}
_HELP = """Look at TARGET, a host name, an IP address or a URL, with every probe.

Needs no configuration and no database. The same limits hold as for tickets: ten seconds at most, twelve ports, no
redirect followed, and no private address unless [health] allow_networks opens it.

\b
Exit status, the word of the verdict:
  0  ok
  1  degraded: it lives, and something expected does not work
  2  down: two kinds of evidence are silent, and nothing lives
  3  unknown: too little could be measured
  4  the command itself failed (wrong use, wrong configuration)

\b
--json prints one object:
  target      {service, host, address, ports, found_by, addresses}
  address     the one IP address that was looked at, or null
  word        down | degraded | ok | unknown
  headline    why, in one English sentence
  findings    [{probe, kind, word, sign, summary, details, took_ms}]
              sign: alive | silent | nothing; details: the probe's own values;
              a finding of another vantage has details.vantage
  lines       the note a ticket would get, in the language chosen
  cure        what to do when nothing could be looked at, or null
  checked_at  ISO 8601, UTC
  took_ms     milliseconds
  vantage     where this was measured
"""


class _WrongUse(click.UsageError):
    """As click's own, with an exit status that is no verdict."""

    exit_code = _FAILED


class _Command(click.Command):
    """Leaves the exit statuses 1 and 2, which errors have elsewhere, to the verdict."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise _WrongUse(error.format_message(), error.ctx) from None


@click.command(cls=_Command, help=_HELP)
@click.argument("target")
@click.option(
    "--port", "ports", multiple=True, type=click.IntRange(1, 65535), help="A TCP port that should answer (repeatable)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--language", type=click.Choice(["en", "ru"]), help="Of what is said; else the configured one.")
@click.pass_context
def health(context: click.Context, target: str, ports: tuple[int, ...], as_json: bool, language: str | None) -> None:
    """See _HELP."""
    try:
        loaded = settings.load(context.obj)
        language = language or loaded.language
        report = _look(loaded, read_target(target, ports), language)
    except DesksideError as error:
        click.secho(f"deskside: {error}", fg="red", err=True)
        context.exit(_FAILED)
    if as_json:
        lines = note_lines(report, None, language)
        common.print_json({**asdict(report), "lines": lines, "cure": cure(report)})
    else:
        Console().print(render(report, language))
    context.exit(EXIT_CODES[report.word])


def read_target(text: str, ports: tuple[int, ...]) -> Target:
    """What to look at. Raises click's UsageError for a text that names nothing."""
    host = text.strip()
    if "://" in host:
        try:
            parts = urlsplit(host)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise _unusable(text) from None
        ports = (*ports, port) if port and port not in ports else ports
    try:
        address = str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        if not host or any(character.isspace() or character in "/@?#:" for character in host):
            raise _unusable(text) from None
        return Target(host, host, None, ports, "")
    return Target(address, None, address, ports, "")


def cure(report: HealthReport) -> str | None:
    """What lets the target be looked at after all, where an operator can do something about it."""
    for finding in from_here(report).findings:
        code = finding.details.get("code")
        if code == "forbidden" and finding.probe == "guard":
            address = str(finding.details["address"])
            network = f"{address}/{128 if ':' in address else 32}"
            return (
                f'allow_networks = ["{network}"] in the section [health] of deskside.toml, '
                f"or DESKSIDE_HEALTH__ALLOW_NETWORKS={network}"
            )
        if code == "forbidden" and report.word is not Word.OK:
            return str(finding.details.get("cure", "")) or None
    return None


def render(report: HealthReport, language: str) -> RenderableType:
    """The report for a terminal: the verdict, a line for each finding with its time, and from where and when."""
    here, places = from_here(report), elsewhere(report)
    findings = [*leading_findings(here), *sorted_findings(here)]
    parts: list[RenderableType] = ["", _verdict(report, language)]
    if places or (report.word is Word.UNKNOWN and len(findings) > 1):
        parts.append(_indented(Text(why_phrase(report, language))))
    if findings:
        parts += ["", _table(findings, language)]
    if places:
        parts += ["", _places(places, language)]
    advice = cure(report)
    if advice:
        parts += ["", _indented(Text.assemble((f"{_LABELS[language]['cure']}: ", "bold"), advice))]
    parts += ["", _indented(Text(_when(report, language), style="dim")), ""]
    return Group(*parts)


def _verdict(report: HealthReport, language: str) -> Text:
    style = COLOURS[report.word.value]
    name = report.target.host or report.target.service
    line = Text.assemble(
        ("  ", ""), (f" {_SYMBOLS[report.word]} {word_of(report.word, language)} ", f"{style} reverse")
    )
    line.append(f"  {common.plain(name, 100)}", style="bold")
    if report.address and report.address != name:
        line.append(f"  {report.address}", style="dim")
    return line


def _table(findings: list[Finding], language: str) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2), pad_edge=True)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(no_wrap=True, width=_BAR)
    longest = max(_LEAST_SCALE_MS, *(finding.took_ms for finding in findings))
    for finding in findings:
        style = COLOURS[finding.word.value]
        table.add_row(
            Text(_SYMBOLS[finding.word], style=style),
            Text(common.plain(finding.probe, 12), style="bold"),
            Text(found_phrase(finding, language)),
            _took(finding.took_ms, language),
            Text(_bar(finding.took_ms / longest), style=style),
        )
    return table


def _places(places: Sequence[Place], language: str) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    for place in places:
        table.add_row(Text(_SYMBOLS[place.word], style=COLOURS[place.word.value]), Text(place_line(place, language)))
    return table


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 2))


def _when(report: HealthReport, language: str) -> str:
    return _LABELS[language]["checked"].format(
        time=f"{report.checked_at:%Y-%m-%d %H:%M:%S}",
        vantage=common.plain(report.vantage),
        took=_took(report.took_ms, language),
    )


def _took(milliseconds: float, language: str) -> str:
    if milliseconds <= 0:
        return ""
    text = f"{milliseconds:.{int(milliseconds < 10)}f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
    return text.replace(".", ",").replace("ms", "мс").replace("s", "с") if language == "ru" else text


def _bar(part: float) -> str:
    """A bar of up to twelve cells, in eighths of a cell."""
    eighths = max(1, round(part * _BAR * 8)) if part > 0 else 0
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def _look(loaded: settings.Settings, target: Target, language: str) -> HealthReport:
    examiner = app.examiner(loaded)
    waiting = Console(stderr=True)
    try:
        if not sys.stderr.isatty():
            return examiner.examine(target, fresh=True)
        with waiting.status(f"{_LABELS[language]['looking']} {escape(common.plain(target.service, 100))} …"):
            return examiner.examine(target, fresh=True)
    finally:
        examiner.close()


def _unusable(text: str) -> _WrongUse:
    return _WrongUse(f"{common.plain(text)!r} is no host name, IP address or URL")
