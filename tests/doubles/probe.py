"""Reading what the probe addon was given."""

import json
from typing import Any

from tests.doubles.whmcs_server import Whmcs


def seen(whmcs: Whmcs, hook: str) -> list[dict[str, Any]]:
    """The variables of each call of this hook, oldest first."""
    rows = whmcs.query("SELECT vars FROM mod_probe_seen WHERE hook = ? ORDER BY id", hook)
    return [dict(json.loads(row["vars"]) or {}) for row in rows]


def order_of(whmcs: Whmcs, *hooks: str) -> list[str]:
    """The calls of these hooks in the order they came."""
    rows = whmcs.query("SELECT hook FROM mod_probe_seen ORDER BY id")
    return [row["hook"] for row in rows if row["hook"] in hooks]


def plug(hook: str) -> str:
    """What the probe puts out for a hook that gives HTML."""
    return f'<i class="probe" data-hook="{hook}"></i>'
