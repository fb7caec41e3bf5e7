"""Five broken servers, and what an agent reads of each: what is wrong stands first, in few lines."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.health import dns, http, icmp, ssh, tcp, tls
from adapters.health.examine import examine
from adapters.health.resolver import StubResolver
from adapters.health.settings import Endpoint, HealthSettings
from adapters.health.tls import TlsProbe
from adapters.health.wording import note_lines
from deskside.model.access import Access
from deskside.model.health import HealthReport, Word
from deskside.model.service import Target
from deskside.ports import Probe
from tests.adapters.health.looking import run
from tests.adapters.health.test_dns import world as zone_servers
from tests.doubles.certificates import intermediate, issue, serving, trusting
from tests.doubles.machine import FAILING_DISK, Machine, machine, needs_sshd
from tests.doubles.names import name_server, soa
from tests.doubles.servers import answering, closed_port, page, silent, tcp_server

HOST = "srv1.example.com"
ADDRESS = "127.0.0.1"
PROBES: list[Probe] = [icmp.probe, tcp.probe, http.probe, TlsProbe(trusting), dns.probe, ssh.probe]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Machine]:
    with machine(tmp_path / "machine") as made:
        yield made


def report(
    *ports: int, host: str | None = None, machine: Machine | None = None, resolver: StubResolver | None = None
) -> HealthReport:
    settings = HealthSettings(allow_networks=("127.0.0.0/8",), vantage="FRA")
    target = Target("srv1", host, ADDRESS, ports, "the client's only service", (ADDRESS,), service_id=1)
    access = Access(machine.user, private_key=machine.key, port=machine.port) if machine else None
    return run(examine(target, PROBES, settings, access=access, resolver=resolver))


def note(found: HealthReport, language: str = "en") -> tuple[str, ...]:
    lines = note_lines(found, None, language)
    if os.environ.get("SHOW_NOTES"):
        print("\n".join(["", *lines]))
    assert len(lines) < 15
    assert all(len(line) <= 320 for line in lines)
    return lines


@needs_sshd
def test_a_full_disk(server: Machine) -> None:
    server.say(
        df="Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 42000000 40741709 1258291 97% /\n"
    )
    found = report(server.port, machine=server)
    lines = note(found)
    assert found.word is Word.DEGRADED
    assert lines[0].startswith("DEGRADED: srv1 (127.0.0.1): disk / is 97 % full (1.2 GB free). Checked ")
    assert lines[1] == "- Disk / is 97 % full (1.2 GB free)"
    assert any(line.startswith("- Inside (SSH): 62 % of memory available, load 0.2 per core") for line in lines)
    russian = note(found, "ru")
    assert russian[1] == "- Диск / заполнен на 97 % (свободно 1,2 ГБ)"


@needs_sshd
def test_a_failing_disk_in_an_array_that_is_short(server: Machine) -> None:
    server.disk("sda", FAILING_DISK)
    server.say(
        mdstat="md0 : active raid1 sdb1[1] sda1[0](F)\n      248896 blocks [2/1] [_U]\n"
        "      [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec\n\n"
    )
    lines = note(report(server.port, machine=server))
    assert lines[1:3] == (
        "- Disk /dev/sda (ST4000NM0035) is failing by its own SMART verdict "
        "(reallocated sectors: 1975, pending sectors: 8)",
        "- RAID md0 (raid1) runs on 1 of 2 disks, recovery at 8.5 % (sda1)",
    )


def test_an_expired_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    expired = serving(issue(HOST, issuer=intermediate(), days=-3, age=90), intermediate())
    records = {(HOST, "A"): (300, (ADDRESS,)), ("example.com", "SOA"): (300, (soa(1),))}
    with tcp_server(answering(page()), tls=expired) as port, name_server(records) as names:
        monkeypatch.setattr(tls, "TLS_PORTS", (port,))
        monkeypatch.setattr(http, "WEB_PORTS", {port: True})
        found = report(port, host=HOST, resolver=StubResolver([Endpoint(names.address, names.port)], 1))
    lines = note(found)
    assert lines[0].startswith(f"DEGRADED: {HOST} (127.0.0.1): the certificate expired on ")
    assert lines[1].startswith("- The certificate expired on ")


def test_a_dead_web_server_behind_a_living_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    web = closed_port()
    monkeypatch.setattr(http, "WEB_PORTS", {web: False})
    with tcp_server(silent) as shell:
        found = report(shell, web)
    lines = note(found)
    assert found.word is Word.DEGRADED
    assert f"port {web} refuses" in lines[0]
    told = "\n".join(lines)
    assert told.index("refuse") < told.index("answers") if "answers" in told else True


def test_the_wrong_name_servers() -> None:
    delegated = ("ns1.example.com", "ns9.example.com")
    with zone_servers(delegated=delegated, answers="127.0.0.9") as zone, tcp_server(silent) as shell:
        resolver = StubResolver([Endpoint("127.0.0.1", zone.recursive.port)], 1, zone.first.port)
        found = report(shell, host=HOST, resolver=resolver)
    lines = note(found)
    assert found.word is Word.DEGRADED
    assert "the parent of example.com names other name servers than the zone itself" in lines[1]
    assert "DNS points to 127.0.0.9, not to our 127.0.0.1" in lines[1]
