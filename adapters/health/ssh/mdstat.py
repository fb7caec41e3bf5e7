"""`/proc/mdstat`: Linux software RAID (md(4), drivers/md/md.c `md_seq_show`)."""

import re
from dataclasses import dataclass

_HEAD = re.compile(r"^(md\S*) : (active|inactive)((?: \([\w-]+\))*)((?: \S+)*)$")
_MEMBER = re.compile(r"^(.+)\[\d+\]((?:\([A-Z]\))*)$")
_BLOCKS = re.compile(r"^\s+(\d+) blocks(.*)$")
_COUNTS = re.compile(r"\[(\d+)/(\d+)\]")
_SYNC = re.compile(r"(resync|recovery|reshape|check|repair)\s*=\s*(?:([\d.]+)% \((\d+)/\d+\)|(DELAYED|PENDING|REMOTE))")
# They stand for themselves: without redundancy no member can be short.
_NO_REDUNDANCY = ("raid0", "linear")


@dataclass(frozen=True, slots=True)
class Array:
    """One array.

    `wanted` and `up` are the [n/m] of its line (the members themselves for levels without redundancy, 0 when
    inactive). `sync` is resync, recovery, reshape, check, repair or "" and `percent` how far it is (0 while it waits).
    `container` is true for the metadata of a firmware RAID (external:imsm, external:ddf), which is never active.
    """

    name: str
    level: str
    active: bool
    wanted: int
    up: int
    failed: tuple[str, ...]
    spares: tuple[str, ...]
    members: tuple[str, ...]
    blocks: int
    sync: str = ""
    percent: float = 0.0
    synced: int = 0
    container: bool = False

    @property
    def short(self) -> bool:
        """Whether members are missing."""
        return self.up < self.wanted


def parse_mdstat(text: str) -> tuple[Array, ...]:
    """Every array, in the order of the file."""
    found = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        head = _HEAD.match(line.rstrip())
        if head is not None:
            body = []
            for following in lines[number + 1 :]:
                if not following.strip() or _HEAD.match(following):
                    break
                body.append(following)
            found.append(_array(head, body))
    return tuple(found)


def _array(head: re.Match[str], body: list[str]) -> Array:
    active = head[2] == "active"
    words = head[4].split()
    members = [match for word in words if (match := _MEMBER.match(word))]
    level = next((word for word in words if not _MEMBER.match(word)), "")
    failed = tuple(match[1] for match in members if "(F)" in match[2])
    spares = tuple(match[1] for match in members if "(S)" in match[2])
    blocks = next((match for line in body if (match := _BLOCKS.match(line))), None)
    said = "\n".join(body)
    counts = _COUNTS.search(blocks[2]) if blocks else None
    wanted, up = (int(counts[1]), int(counts[2])) if counts else (0, 0)
    if not active:
        wanted = up = 0
    elif level in _NO_REDUNDANCY:
        wanted = up = len(members)
    size = int(blocks[1]) if blocks else 0
    sync = _SYNC.search(said)
    return Array(
        name=head[1],
        level=level,
        active=active,
        wanted=wanted,
        up=up,
        failed=failed,
        spares=spares,
        members=tuple(match[1] for match in members),
        blocks=size,
        sync=sync[1] if sync else "",
        percent=float(sync[2]) if sync and sync[2] else 0.0,
        synced=(int(sync[3]) if sync[3] else 0) if sync else size,
        container="external:imsm" in said or "external:ddf" in said,
    )
