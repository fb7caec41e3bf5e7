"""What is wrong with a server from inside: facts against limits, the worst first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.health import words_en
from adapters.health.ssh.seen import Seen
from adapters.health.ssh.wording import say
from deskside.model.health import Finding, Sign, Word

GB = 1024**3
# What a server is there for: one of these that failed is why the client writes.
OWN_UNITS = frozenset(
    (
        *("nginx", "apache2", "httpd", "lsws", "haproxy", "varnish", "caddy", "tomcat9", "tomcat10"),
        *("mysql", "mysqld", "mariadb", "postgresql", "mongod", "redis", "redis-server", "memcached", "elasticsearch"),
        *("postfix", "exim", "exim4", "dovecot", "named", "bind9", "docker", "containerd", "ssh", "sshd", "cron"),
    )
)
# php8.2-fpm, postgresql@15-main
_OWN_PARTS = ("php", "postgresql@", "mariadb@", "mysql@")
_WRITTEN = ("/var", "/home", "/srv")
_MOST_UNITS = 8
_RANK = (Word.DOWN, Word.DEGRADED, Word.UNKNOWN, Word.OK)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `what` names its phrase, `values` fill it."""

    word: Word
    what: str
    values: Mapping[str, Any]


def judge(seen: Seen, limits: Mapping[str, float], first: Mapping[str, int]) -> tuple[Finding, ...]:
    """A finding for each area with problems, the worst first; one over all that is well, one over what was not seen.

    `first` are the values damage counters had when they were first seen.
    """
    found: list[Finding] = []
    for area, look in _AREAS.items():
        problems = sorted(look(seen, limits, first), key=lambda problem: _RANK.index(problem.word))
        if problems:
            told = [{"what": problem.what, **problem.values} for problem in problems]
            found.append(finding(problems[0].word, {"code": "problems", "area": area, "problems": told}))
    found.sort(key=lambda made: _RANK.index(made.word))
    troubled = {str(made.details["area"]) for made in found}
    well = dict(_well(seen, troubled))
    if well:
        found.append(finding(Word.OK, {"code": "well", **well}))
    if seen.unseen:
        unseen: dict[str, Any] = {"code": "unseen", "unseen": dict(seen.unseen)}
        if "kills" in seen.unseen:
            unseen["kills"] = seen.kills_since_start
        found.append(finding(Word.UNKNOWN, unseen))
    return tuple(found)


def finding(word: Word, details: Mapping[str, Any], *, alive: bool = True) -> Finding:
    """A finding of this probe; its summary is what the note says in English."""
    sign = Sign.ALIVE if alive else Sign.NOTHING
    return Finding("ssh", "ssh", word, sign, say(details, words_en.LANGUAGE), details)


def counters(seen: Seen) -> dict[str, int]:
    """The damage counters of all disks, by a name that stays when devices are renamed."""
    return {f"{disk.identity}:{name}"[:120]: value for disk in seen.smart for name, value in disk.counters.items()}


_Look = Callable[[Seen, Mapping[str, float], Mapping[str, int]], Iterable[Problem]]


def _disks(seen: Seen, limits: Mapping[str, float], _: Mapping[str, int]) -> Iterator[Problem]:
    for row in seen.disks:
        percent = row.percent
        if percent is None or percent < limits["disk_percent"]:
            continue
        # A large disk may be 90 % full and have room for years, a small one that little always.
        full = percent >= limits["disk_full_percent"] or row.free < limits["disk_full_free_gb"] * GB
        if full or row.free < limits["disk_free_gb"] * GB:
            values = {"point": row.point, "percent": percent, "free": max(0, row.free)}
            yield Problem(Word.DOWN if full else Word.DEGRADED, "disk_full", values)


def _read_only(seen: Seen, _: Mapping[str, float], __: Mapping[str, int]) -> Iterator[Problem]:
    for row in seen.disks:
        mount = seen.mounts.get(row.point)
        if mount is None or not mount.read_only:
            continue
        if row.point == "/":
            yield Problem(Word.DOWN, "read_only", {"point": row.point})
        elif row.point.startswith(_WRITTEN):
            # Elsewhere it may well be meant: /usr, /boot, a backup.
            yield Problem(Word.DEGRADED, "read_only", {"point": row.point})


def _inodes(seen: Seen, limits: Mapping[str, float], _: Mapping[str, int]) -> Iterator[Problem]:
    for row in seen.inodes:
        if row.percent is not None and row.percent >= limits["inode_percent"]:
            word = Word.DOWN if row.percent >= limits["disk_full_percent"] else Word.DEGRADED
            yield Problem(word, "inodes_full", {"point": row.point, "percent": row.percent, "free": max(0, row.free)})


def _load(seen: Seen, limits: Mapping[str, float], _: Mapping[str, int]) -> Iterator[Problem]:
    if seen.load is None or seen.cores is None:
        return
    per_core = seen.load.five / seen.cores
    if per_core > limits["load_per_core"]:
        word = Word.DOWN if per_core > limits["load_high_per_core"] else Word.DEGRADED
        yield Problem(word, "load_high", {"five": seen.load.five, "cores": seen.cores, "per_core": per_core})


def _memory(seen: Seen, limits: Mapping[str, float], _: Mapping[str, int]) -> Iterator[Problem]:
    if seen.uptime is not None:
        recent = [kill for kill in seen.kills if seen.uptime - kill.at <= limits["oom_hours"] * 3600]
        if recent:
            names = sorted({kill.process for kill in recent})
            yield Problem(Word.DOWN, "oom", {"count": len(recent), "names": names, "hours": limits["oom_hours"]})
    if seen.memory is not None and seen.memory.available_percent < limits["memory_percent"]:
        low = seen.memory.available_percent < limits["memory_low_percent"]
        values = {
            "percent": round(seen.memory.available_percent, 1),
            "available": seen.memory.available,
            "total": seen.memory.total,
        }
        yield Problem(Word.DOWN if low else Word.DEGRADED, "memory_low", values)


def _smart(seen: Seen, limits: Mapping[str, float], first: Mapping[str, int]) -> Iterator[Problem]:
    for disk in seen.smart:
        named = {"device": disk.device, "model": disk.model}
        damage = {name: value for name, value in disk.counters.items() if value}
        if disk.failing:
            yield Problem(Word.DOWN, "smart_failing", {**named, "counters": damage})
        else:
            for name, value in damage.items():
                before = first.get(f"{disk.identity}:{name}"[:120])
                if before is None:
                    yield Problem(Word.DEGRADED, "smart_first", {**named, "counters": {name: value}})
                elif value > before:
                    yield Problem(Word.DEGRADED, "smart_grew", {**named, "counters": {name: value}, "before": before})
        if disk.wear_percent is not None and disk.wear_percent >= limits["smart_wear_percent"]:
            yield Problem(Word.DEGRADED, "smart_worn", {**named, "percent": disk.wear_percent})


def _raid(seen: Seen, _: Mapping[str, float], __: Mapping[str, int]) -> Iterator[Problem]:
    for array in seen.arrays:
        values: dict[str, Any] = {"name": array.name, "level": array.level, "up": array.up, "wanted": array.wanted}
        values |= {"failed": list(array.failed), "sync": array.sync, "percent": array.percent}
        if not array.active and not array.container:
            yield Problem(Word.DOWN, "raid_inactive", values)
        elif array.short:
            yield Problem(Word.DOWN, "raid_short", values)
        elif array.failed:
            yield Problem(Word.DEGRADED, "raid_failed", values)
        elif array.sync in ("resync", "recovery", "reshape") and array.percent:
            # A check is routine (Debian: the first Sunday of the month), and what is pending waits for a first write.
            yield Problem(Word.DEGRADED, "raid_sync", values)


def _units(seen: Seen, _: Mapping[str, float], __: Mapping[str, int]) -> Iterator[Problem]:
    failed = [unit.name for unit in seen.failed_units or ()]
    own = [name for name in failed if name in OWN_UNITS or name.startswith(_OWN_PARTS)]
    names = [*own, *(name for name in failed if name not in own)]
    if names:
        values = {"units": names[:_MOST_UNITS], "more": len(names[_MOST_UNITS:])}
        yield Problem(Word.DOWN if own else Word.DEGRADED, "units", values)


# Of areas that are equally bad the first is told first: what stops a server outright.
_AREAS: Mapping[str, _Look] = {
    "read_only": _read_only,
    "disks": _disks,
    "inodes": _inodes,
    "smart": _smart,
    "raid": _raid,
    "units": _units,
    "memory": _memory,
    "load": _load,
}


def _well(seen: Seen, troubled: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The values of areas without problems."""
    if seen.disks and "disks" not in troubled:
        fullest = max(seen.disks, key=lambda row: row.percent or 0)
        yield "disk", {"point": fullest.point, "percent": fullest.percent or 0}
    if seen.memory and "memory" not in troubled:
        yield "memory_percent", round(seen.memory.available_percent)
    if seen.load and seen.cores and "load" not in troubled:
        yield "load_per_core", round(seen.load.five / seen.cores, 2)
    if seen.arrays and "raid" not in troubled:
        yield "arrays", len(seen.arrays)
    if seen.smart and "smart" not in troubled:
        yield "smart", len(seen.smart)
    if seen.failed_units is not None and "units" not in troubled:
        yield "units", True
    if seen.uptime is not None:
        yield "uptime", seen.uptime
