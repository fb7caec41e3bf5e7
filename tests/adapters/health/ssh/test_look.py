"""The look from inside, on a real sshd whose commands say what is wrong."""

import asyncio
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.health.settings import LIMITS
from adapters.health.ssh import probe
from adapters.health.ssh.collect import endpoint
from adapters.health.verdict import judge
from deskside.model.access import Access
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings
from tests.adapters.health.looking import LOOPBACK
from tests.doubles.machine import FAILING_DISK, Machine, machine, needs_sshd, new_key, running

pytestmark = needs_sshd
TARGET = Target("srv", None, "127.0.0.1", (), "", ("127.0.0.1",), service_id=1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Machine]:
    with machine(tmp_path / "machine") as made:
        yield made


def access(server: Machine, **more: object) -> Access:
    given = Access(server.user, private_key=server.key, port=server.port)
    return replace(given, **more)  # type: ignore[arg-type]


def look(given: Access | None, at: Target = TARGET, **limits: float) -> Sequence[Finding]:
    around = Surroundings(at.address, (), LOOPBACK, None, {**LIMITS, **limits}, given)
    return asyncio.run(probe.look(at, around))


def problems(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(f.word.value, f.summary) for f in findings if f.word in (Word.DOWN, Word.DEGRADED)]


def test_without_access_nothing_is_said() -> None:
    assert look(None) == ()
    assert not probe.applies(replace(TARGET, service_id=None))


def test_a_healthy_server_is_told_in_one_line(server: Machine) -> None:
    (finding,) = look(access(server))
    assert (finding.word, finding.sign, finding.kind) == (Word.OK, Sign.ALIVE, "ssh")
    assert finding.summary == (
        "inside (SSH): fullest disk / 40 %, 62 % of memory available, load 0.2 per core, RAID arrays whole: 1, "
        "no failed services, up 4 days"
    )


def test_a_full_disk(server: Machine) -> None:
    server.say(
        df="Filesystem 1024-blocks Used Available Capacity Mounted on\n"
        "/dev/sda1 100000000 96000000 1258291 99% /\n"
        "/dev/sdb1 9000000000 8500000000 500000000 95% /srv/large and calm\n"
        "/dev/sdc1 100000000 91000000 9000000 92% /srv/small\n"
    )
    findings = look(access(server))
    assert problems(findings) == [
        ("down", "disk / is 99 % full (1.2 GB free); disk /srv/small is 92 % full (8.6 GB free)")
    ]
    assert judge(findings)[0] is Word.DEGRADED


def test_everything_that_breaks_at_once_the_worst_first(server: Machine) -> None:
    server.disk("sda", FAILING_DISK)
    server.say(
        inodes="Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 1000000 930000 70000 93% /\n",
        mdstat="md0 : active raid1 sdb1[1] sda1[0](F)\n      248896 blocks [2/1] [_U]\n\n",
        units="mariadb.service loaded failed failed MariaDB\nlogrotate.service loaded failed failed Rotate\n",
        loadavg="30.00 9.00 5.00 1/200 4242\n",
        dmesg="[350000.1] Out of memory: Killed process 77 (mysqld) total-vm:1kB\n[1.0] x\n",
        mounts="/dev/sda1 / ext4 ro,relatime 0 0\n",
    )
    assert problems(look(access(server))) == [
        ("down", "/ is mounted read-only"),
        (
            "down",
            "disk /dev/sda (ST4000NM0035) is failing by its own SMART verdict "
            "(reallocated sectors: 1975, pending sectors: 8)",
        ),
        ("down", "RAID md0 (raid1) runs on 1 of 2 disks (sda1)"),
        ("down", "failed services: mariadb, logrotate"),
        ("down", "out of memory: the kernel killed mysqld (1 in the last 1 h)"),
        ("degraded", "disk / has used 93 % of its inodes (70000 left)"),
        ("degraded", "the load is 2.2 per core (9.0 on 4, mean of 5 min)"),
    ]


def test_damage_counters_are_compared_with_what_was_first_seen(server: Machine) -> None:
    said = FAILING_DISK.replace("24", "0").replace("false", "true").replace(": 8", ": 0").replace("1975", "304")
    server.disk("sda", said)
    first = look(access(server))
    assert problems(first) == [("degraded", "disk /dev/sda (ST4000NM0035) counts damage (reallocated sectors: 304)")]
    known = {str(name): int(value) for name, value in first[0].details["counters"].items()}  # type: ignore[attr-defined]
    assert problems(look(access(server, counters=known))) == []
    server.disk("sda", said.replace("304", "305"))
    assert problems(look(access(server, counters=known))) == [
        (
            "degraded",
            "disk /dev/sda (ST4000NM0035) counts more damage than the 304 first seen (reallocated sectors: 305)",
        )
    ]


def test_smartctl_without_rights_is_said_and_is_no_fault_of_the_disk(server: Machine) -> None:
    server.disk("sda", "")
    findings = look(access(server))
    assert problems(findings) == []
    assert findings[-1].word is Word.UNKNOWN
    assert findings[-1].summary == "not seen over SSH: SMART (smartctl needs sudo)"


def test_a_hung_df_takes_no_other_answer_away(server: Machine) -> None:
    server.hang("df")
    server.say(units="nginx.service loaded failed failed web\n")
    findings = look(access(server))
    assert problems(findings) == [("down", "failed services: nginx")]
    assert findings[-1].summary.startswith("not seen over SSH: disks (df hangs)")


def test_what_came_until_the_time_was_over_is_told(server: Machine) -> None:
    server.hang("uptime")
    (finding,) = look(access(server), ssh_seconds=3)
    assert finding.summary == "SSH: no answer in time"
    (server.folder / "answers" / "slow-uptime").unlink()
    server.disk("sda", "{}")
    server.hang("smart-sda")
    findings = look(access(server), ssh_seconds=3)
    assert findings[0].word is Word.OK
    assert findings[-1].summary == "not seen over SSH: SMART (no time left)"


def test_a_huge_output_is_cut(server: Machine) -> None:
    server.say(mounts="x" * 5_000_000 + "\n", units="nginx.service loaded failed failed web\n")
    assert problems(look(access(server))) == [("down", "failed services: nginx")]
    assert look(access(server), ssh_cap_bytes=2_000)[0].word is Word.OK


def test_the_host_key_is_learned_and_a_changed_one_gets_nothing(server: Machine) -> None:
    (first,) = look(access(server))
    where = endpoint("127.0.0.1", server.port)
    assert first.details["endpoint"] == where
    known = {where: str(first.details["host_key"])}
    assert known[where].startswith("ssh-ed25519 AAAA")
    assert look(access(server, host_keys=known))[0].word is Word.OK
    new_key(server.folder / "other")
    config = server.folder / "sshd_config"
    config.write_text(config.read_text().replace("/host\n", "/other\n").replace(str(server.port), str(free_port())))
    port = int(config.read_text().split("127.0.0.1:")[1].split()[0])
    (server.folder / "sshd.log").write_text("")
    with running(server.folder):
        moved = access(server, port=port, host_keys={endpoint("127.0.0.1", port): known[where]})
        (finding,) = look(moved)
    assert (finding.word, finding.sign) == (Word.UNKNOWN, Sign.ALIVE)
    assert finding.summary == "SSH: host key changed (reinstalled?), nothing was sent"
    log = (server.folder / "sshd.log").read_text()
    assert "Accepted" not in log and "Failed" not in log


def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_wrong_password_is_told_and_no_other_way_is_tried(server: Machine) -> None:
    (finding,) = look(Access(server.user, "wrong", port=server.port))
    assert (finding.word, finding.sign) == (Word.UNKNOWN, Sign.ALIVE)
    assert finding.summary == "SSH: the server refuses the login the client gave"
    assert "publickey" not in (server.folder / "sshd.log").read_text()


def test_a_login_that_runs_no_commands_is_said(server: Machine) -> None:
    keys = server.folder / "authorized_keys"
    keys.write_text(f'command="echo no shell for you",restrict {keys.read_text()}')
    (finding,) = look(access(server))
    assert finding.summary == "SSH: the login works, but runs no commands"


def test_an_address_that_is_not_of_the_inventory_gets_nothing(server: Machine) -> None:
    elsewhere = Target("srv", "sub.example", None, (), "", ("192.0.2.1",), service_id=1)
    around = Surroundings("127.0.0.1", ("127.0.0.1",), LOOPBACK, None, LIMITS, access(server))
    (finding,) = asyncio.run(probe.look(elsewhere, around))
    assert (finding.sign, finding.details["code"]) == (Sign.NOTHING, "elsewhere")
    assert "Connection from" not in (server.folder / "sshd.log").read_text()


def test_nothing_is_logged_even_when_everything_is(server: Machine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        look(access(server))
        look(Access(server.user, "c4n4ry", port=server.port))
    assert [record for record in caplog.records if record.name.startswith("asyncssh")] == []


def test_findings_can_be_stored(server: Machine) -> None:
    server.say(units="nginx.service loaded failed failed web\n")
    assert json.loads(json.dumps([finding.details for finding in look(access(server))]))
