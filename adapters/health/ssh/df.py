"""`df -Pl` and `df -Pli`: how full the file systems are, in blocks and in inodes.

The percentage is df's own, used/(used+available): what root keeps in reserve is neither (POSIX df).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.health.ssh.mounts import Mount

# Full by their nature (images), or memory, or a view of another file system.
_NOT_DISKS = frozenset(
    (
        *("tmpfs", "devtmpfs", "ramfs", "proc", "sysfs", "devfs", "cgroup", "cgroup2", "overlay", "aufs", "autofs"),
        *(
            "squashfs",
            "iso9660",
            "udf",
            "erofs",
            "efivarfs",
            "fuse.snapfuse",
            "fuse.lxcfs",
            "nsfs",
            "shm",
            "udev",
            "none",
        ),
    )
)
_LOOP = re.compile(r"/dev/(loop|zram|sr)\d+$")
_ROW = re.compile(r"\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+%|-)\s+(?:\d+\s+\d+\s+\d+%\s+)?(/.*)$")


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One row of df. `total`, `used` and `free` count bytes, or inodes for `df -i`; `percent` is None where df has `-`.

    `free` is what an ordinary user may still use; it can be negative when root has used the reserve.
    """

    device: str
    total: int
    used: int
    free: int
    percent: int | None
    point: str


def parse_df(text: str, *, inodes: bool = False) -> tuple[FileSystem, ...]:
    """The rows of `df -P` (also of plain `df`, with wrapped lines, or of BSD with its inode columns).

    Devices and mount points may hold spaces. Rows that are not rows are left out.
    """
    header, *rows = text.strip("\n").splitlines() or [""]
    unit = 1 if inodes else _block_size(header)
    found, wrapped = [], ""
    for row in rows:
        match = _ROW.search(f"{wrapped} {row}" if wrapped else row)
        if match is None:
            # Without -P a long device name stands alone, and its numbers on the next line.
            wrapped = row.rstrip() if not wrapped else ""
            continue
        device = f"{wrapped} {row}"[: match.start()].strip() if wrapped else row[: match.start()].strip()
        wrapped = ""
        total, used, free = (int(match[number]) * unit for number in (1, 2, 3))
        percent = None if match[4] == "-" else int(match[4][:-1])
        found.append(FileSystem(_without_type(device, header), total, used, free, percent, match[5].strip()))
    return tuple(found)


def disks(rows: Sequence[FileSystem], mounts: Mapping[str, Mount]) -> tuple[FileSystem, ...]:
    """The rows that are real disks, each once: no memory, no images, no second mount of the same file system."""
    kept: dict[tuple[str, int, int], FileSystem] = {}
    for row in rows:
        mount = mounts.get(row.point)
        kind = mount.type if mount else row.device
        # The root counts whatever it is: a container's is an overlay of a real disk.
        other = row.device in _NOT_DISKS or kind in _NOT_DISKS or _LOOP.match(row.device)
        if row.total <= 0 or (other and row.point != "/"):
            continue
        known = kept.get((row.device, row.total, row.used))
        if known is None or len(row.point) < len(known.point):
            kept[row.device, row.total, row.used] = row
    return tuple(kept.values())


def _block_size(header: str) -> int:
    return 512 if "512-blocks" in header else 1024


def _without_type(device: str, header: str) -> str:
    """The device alone: `df -T` has the type of the file system beside it."""
    if "Type" not in header.split():
        return device
    name, _, kind = device.rpartition(" ")
    return name.strip() or kind
