"""PHP for the tests of the addon, and where the addon lies."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
PACKED = ROOT / "adapters/whmcs/addon"
ADDON = PACKED / "modules/addons/deskside"


def php() -> str:
    """The interpreter; skips where there is none."""
    found = shutil.which("php")
    if found is None:
        pytest.skip("PHP is not installed: apt-get install php-cli php-curl php-mbstring")
    return found


def run(code: str, *arguments: str) -> Any:
    """What this code prints as JSON; the addon's classes are there."""
    prologue = f"define('WHMCS', true); require '{ADDON}/lib/autoload.php'; "
    found = subprocess.run(
        [php(), "-d", "display_errors=stderr", "-r", prologue + code, "--", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert found.returncode == 0, found.stderr + found.stdout
    assert found.stderr == ""
    return json.loads(found.stdout)
