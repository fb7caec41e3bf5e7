"""What the sections say, in values; and what they do not say, with the reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.health.ssh.df import FileSystem, disks, parse_df
from adapters.health.ssh.load import Load, parse_cores, parse_load, parse_uptime
from adapters.health.ssh.mdstat import Array, parse_mdstat
from adapters.health.ssh.memory import Memory, parse_meminfo, parse_oom_count
from adapters.health.ssh.mounts import Mount, parse_mounts
from adapters.health.ssh.oom import Kill, parse_kills
from adapters.health.ssh.sections import Section
from adapters.health.ssh.smart import Disk, parse_smart
from adapters.health.ssh.systemd import Unit, parse_failed

_LINES = re.compile(r"^(\d+) lines$", re.MULTILINE)
_NONE = Section("", 127)
_UNASKED = Section("", None)


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a server from inside. None, or empty, is what could not be seen; `unseen` says why, by area.

    The reasons are `timeout`, `rights` and `absent`; the areas disks, inodes, load, memory, units, kills, smart. What a
    kind of server simply has not (no RAID, no disks with SMART) is not in `unseen`.
    """

    uptime: int | None = None
    cores: int | None = None
    load: Load | None = None
    memory: Memory | None = None
    disks: tuple[FileSystem, ...] = ()
    inodes: tuple[FileSystem, ...] = ()
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    arrays: tuple[Array, ...] = ()
    failed_units: tuple[Unit, ...] | None = None
    kills: tuple[Kill, ...] = ()
    kills_since_start: int | None = None
    smart: tuple[Disk, ...] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether it looks like a Linux server at all."""
        return self.load is not None or self.memory is not None or bool(self.disks)


def understand(sections: Mapping[str, Section]) -> Seen:
    """The values of every section that can be read."""
    found_mounts = parse_mounts(_output(sections, "mounts"))
    kernel = _output(sections, "kernel")
    read = _LINES.search(kernel)
    units = sections.get("units", _NONE)
    told = list(_smart(sections))
    seen = Seen(
        uptime=parse_uptime(_output(sections, "uptime")),
        cores=parse_cores(_output(sections, "cores")),
        load=parse_load(_output(sections, "load")),
        memory=parse_meminfo(_output(sections, "memory")),
        disks=disks(parse_df(_output(sections, "df")), found_mounts),
        inodes=disks(parse_df(_output(sections, "inodes"), inodes=True), found_mounts),
        mounts=found_mounts,
        arrays=parse_mdstat(_output(sections, "mdstat")),
        failed_units=parse_failed(units.output) if units.status == 0 else None,
        kills=parse_kills(kernel),
        kills_since_start=parse_oom_count(_output(sections, "vmstat")),
        smart=tuple(disk for _, disk in told if disk is not None and disk.known),
    )
    unseen = {
        "disks": "" if seen.disks else _why(sections.get("df")),
        # Once: the first says it already. A file system may well count no inodes.
        "inodes": "timeout" if seen.disks and sections.get("inodes", _UNASKED).timed_out else "",
        "load": "" if seen.load and seen.cores else "absent",
        "memory": "" if seen.memory else "absent",
        "units": "" if seen.failed_units is not None or units.missing else _why(units),
        "kills": "" if (read and int(read[1])) or not seen.kills_since_start else "rights",
        "smart": _why_no_smart(sections, told),
    }
    return replace(seen, unseen={area: why for area, why in unseen.items() if why})


def _output(sections: Mapping[str, Section], name: str) -> str:
    return sections.get(name, _NONE).output


def _smart(sections: Mapping[str, Section]) -> Iterator[tuple[Section, Disk | None]]:
    for name, section in sections.items():
        if name.startswith("smart "):
            yield section, parse_smart(section.output, name.removeprefix("smart "))


def _why_no_smart(sections: Mapping[str, Section], told: Sequence[tuple[Section, Disk | None]]) -> str:
    if any(disk is not None and disk.known for _, disk in told):
        return ""
    if "end" not in sections or any(section.timed_out for section, _ in told):
        return "timeout"
    # Where a disk gave JSON it was asked, and has nothing to tell; where it gave none, sudo did not let us.
    return "rights" if any(disk is None for _, disk in told) else ""


def _why(section: Section | None) -> str:
    if section is None or section.timed_out:
        return "timeout"
    return "absent" if section.missing else "rights"
