"""Where the recorded fixtures lie when they are there: they are not part of the checkout."""

import os
from pathlib import Path

import pytest


def shared(path: str) -> Path:
    """`path` below the shared fixtures; skips the test where there are none."""
    root = Path(os.environ.get("DESKSIDE_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    found = root / path
    if not found.exists():
        pytest.skip(f"no shared fixtures at {found} (set DESKSIDE_SHARED)")
    return found
