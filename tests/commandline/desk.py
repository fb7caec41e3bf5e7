"""What the tests of the command line share."""

from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from click.testing import Result

from deskside.store.database import open_database


class Run(Protocol):
    """Runs `deskside` with these arguments."""

    def __call__(self, *arguments: str, status: int = 0, input: str | None = None) -> Result: ...


def store(folder: Path) -> sa.Engine:
    """The database that `deskside init` made."""
    return open_database(f"sqlite:///{folder}/deskside.db")
