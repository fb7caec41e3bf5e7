"""Figures as CSV, for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

# With these a spreadsheet takes a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file of this name to save; None is an empty field, and no text is taken for a formula."""
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(head)
    written.writerows([_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


def share(found: float | None) -> str:
    """A share as a number of four digits; empty where there is none."""
    return "" if found is None else f"{found:.4f}"


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else value
