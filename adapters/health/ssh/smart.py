"""`smartctl -j -a`: what a disk says of itself.

The exit status is a bit mask (smartctl(8)), and says little alone: 64 is an old error log of a healthy disk, and 0
goes with hundreds of reallocated sectors. So what counts are its own verdict and counters, compared over time.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Bits of the exit status.
_NOTHING_READ = 0b0000_0011
_FAILING = 0b0000_1000
_BELOW_THRESHOLD = 0b0001_0000

# Attributes whose raw value counts damage. Vendors agree on the meaning of these, and of few others.
_DAMAGE = {5: "reallocated", 187: "uncorrectable", 197: "pending", 198: "offline_uncorrectable"}
# Attributes whose normalised value is what is left of an SSD's life; the numbers mean other things elsewhere.
_LIFE_LEFT = (
    "SSD_Life_Left",
    "Percent_Lifetime_Remain",
    "Media_Wearout_Indicator",
    "Wear_Leveling_Count",
    "Remaining_Lifetime_Perc",
)
_LEADING = re.compile(r"\s*(\d+)")
_LARGEST_COUNT = 2**32


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk. `passed` is its own verdict, None when it gives none; `failing` is true when any sign says so.

    `counters` count damage by name; `wear_percent` is how much of an SSD's life is used. `known` is false when nothing
    was told: a virtual disk, a RAID controller's volume, a device that could not be opened.
    """

    device: str
    model: str = ""
    serial: str = ""
    known: bool = False
    passed: bool | None = None
    failing: bool = False
    critical_warning: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    wear_percent: int | None = None

    @property
    def identity(self) -> str:
        """What stays the same when device names change; the name where the disk tells no serial number."""
        return self.serial or f"{self.device} {self.model}".strip()


def parse_smart(text: str, device: str = "") -> Disk | None:
    """What one `smartctl -j -a` says; None when it is not its JSON. `device` is used when it names none itself."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if not isinstance(said, dict) or not said:
        return None
    try:
        return _disk(said, device)
    except (AttributeError, TypeError, ValueError):
        return None


def _disk(said: Mapping[str, Any], device: str) -> Disk:
    status = int(said.get("smartctl", {}).get("exit_status", 0))
    verdict = said.get("smart_status", {}).get("passed")
    passed = verdict if isinstance(verdict, bool) else None
    nvme: Mapping[str, Any] = said.get("nvme_smart_health_information_log", {})
    warning = int(nvme.get("critical_warning", 0))
    counters = dict(_counters(said, nvme))
    known = not status & _NOTHING_READ and (passed is not None or bool(counters))
    return Disk(
        device=_name(said.get("device", {})) or device,
        model=str(said.get("model_name") or said.get("scsi_model_name") or said.get("product") or ""),
        serial=str(said.get("serial_number") or ""),
        known=known,
        passed=passed,
        failing=known and (passed is False or bool(status & (_FAILING | _BELOW_THRESHOLD)) or warning != 0),
        critical_warning=warning,
        counters=counters,
        wear_percent=_wear(said, nvme),
    )


def _name(device: Mapping[str, Any]) -> str:
    """The device, with the place behind a controller: several disks share the controller's own name."""
    name, kind = str(device.get("name", "")), str(device.get("type", ""))
    behind = kind.partition("megaraid,")[2] or kind.partition("cciss,")[2]
    return f"{name} #{behind}" if behind else name


def _counters(said: Mapping[str, Any], nvme: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    for attribute in said.get("ata_smart_attributes", {}).get("table", ()):
        name = _DAMAGE.get(attribute.get("id"))
        if name is not None:
            yield name, _raw(attribute["raw"])
    if "media_errors" in nvme:
        yield "media_errors", int(nvme["media_errors"])
    if "scsi_grown_defect_list" in said:
        yield "grown_defects", int(said["scsi_grown_defect_list"])
    if "scsi_error_counter_log" in said:
        log = said["scsi_error_counter_log"].values()
        yield "uncorrected", sum(int(counts.get("total_uncorrected_errors", 0)) for counts in log)


def _raw(raw: Mapping[str, Any]) -> int:
    """The count; where the 48 bits hold several numbers, the one that smartctl writes first."""
    value = int(raw["value"])
    if value < _LARGEST_COUNT:
        return value
    leading = _LEADING.match(str(raw.get("string", "")))
    return int(leading[1]) if leading else 0


def _wear(said: Mapping[str, Any], nvme: Mapping[str, Any]) -> int | None:
    if "percentage_used" in nvme:
        return int(nvme["percentage_used"])
    for attribute in said.get("ata_smart_attributes", {}).get("table", ()):
        if attribute.get("name") in _LIFE_LEFT:
            return 100 - int(attribute["value"])
    return None
