import asyncio
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import dns.message
import dns.query
import dns.rcode
import pytest
import requests
from cryptography import x509

from deskside.demo import cast, echo
from deskside.demo.servers import SHELL, TLS, WEB, Condition, Server, Servers, demo_services
from deskside.model.health import Sign
from deskside.model.service import Target
from deskside.ports import Surroundings

LIMITS = {"icmp_wait_seconds": 0.3}


@pytest.fixture
def servers() -> Iterator[Servers]:
    rows = [
        Server("works", "a", "Cloud", ("works.example",), (WEB, SHELL)),
        Server("dead", "a", "Cloud", ("dead.example",), (WEB, SHELL), Condition.DEAD),
        Server("stopped", "b", "Cloud", ("stopped.example",), (WEB,), Condition.STOPPED),
        Server("fails", "b", "Cloud", ("fails.example",), (WEB,), Condition.FAILING),
        Server("safe", "c", "Cloud", ("safe.example", "www.safe.example"), (TLS,)),
    ]
    with Servers(rows) as running:
        if running.network.startswith("127.0.0.1"):
            pytest.skip("this system has no addresses in 127.10.0.0/16")
        yield running


def sign_of_life(servers: Servers, name: str) -> Sign:
    address = servers[name].address
    target = Target(name, None, address, servers[name].ports, "")
    around = Surroundings(address, (address,), None, None, LIMITS)  # type: ignore[arg-type]
    findings = asyncio.run(echo.EchoProbe(servers.echo_port).look(target, around))
    return findings[0].sign


def connects(servers: Servers, name: str, port: int) -> str:
    try:
        with socket.create_connection((servers[name].address, port), timeout=0.3):
            return "open"
    except TimeoutError:
        return "timeout"
    except ConnectionRefusedError:
        return "refused"


def test_a_living_server_answers_on_every_port(servers: Servers) -> None:
    assert requests.get(f"http://{servers['works'].address}:{WEB}/", timeout=5).status_code == 200
    with socket.create_connection((servers["works"].address, SHELL), timeout=5) as sock:
        assert sock.recv(100).startswith(b"220 works")
    assert sign_of_life(servers, "works") is Sign.ALIVE


def test_a_dead_server_is_silent_in_two_independent_ways(servers: Servers) -> None:
    assert [connects(servers, "dead", port) for port in (WEB, SHELL)] == ["timeout", "timeout"]
    assert sign_of_life(servers, "dead") is Sign.SILENT


def test_a_stopped_server_refuses_and_lives(servers: Servers) -> None:
    assert connects(servers, "stopped", WEB) == "refused"
    assert sign_of_life(servers, "stopped") is Sign.ALIVE


def test_a_failing_one_answers_500(servers: Servers) -> None:
    assert requests.get(f"http://{servers['fails'].address}:{WEB}/", timeout=5).status_code == 500


def test_a_certificate_is_self_signed_and_ends_soon(servers: Servers) -> None:
    text = ssl.get_server_certificate((servers["safe"].address, TLS), timeout=5)
    certificate = x509.load_pem_x509_certificate(text.encode())
    assert certificate.issuer == certificate.subject
    assert 0 < (certificate.not_valid_after_utc - datetime.now(UTC)).days < 14
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["safe.example", "www.safe.example"]


def test_a_server_dies_and_comes_back_while_it_runs(servers: Servers) -> None:
    servers.kill("works")
    assert (connects(servers, "works", WEB), sign_of_life(servers, "works")) == ("timeout", Sign.SILENT)
    servers.revive("works")
    assert (connects(servers, "works", WEB), sign_of_life(servers, "works")) == ("open", Sign.ALIVE)


def test_its_name_server_knows_its_names_and_no_others(servers: Servers) -> None:
    def ask(name: str, kind: str) -> dns.message.Message:
        host, port = servers.nameserver
        return dns.query.udp(dns.message.make_query(name, kind), host, timeout=5, port=port)

    assert ask("works.example", "A").answer[0][0].to_text() == servers["works"].address
    assert ask("works.example", "AAAA").rcode() == dns.rcode.NOERROR
    assert ask("nobody.example", "A").rcode() == dns.rcode.NXDOMAIN


def test_two_sets_of_servers_keep_out_of_each_others_way(servers: Servers) -> None:
    rows = [replace(row, address="", listening=[]) for row in servers.servers.values()]
    with Servers(rows) as others:
        assert others.network != servers.network
        assert requests.get(f"http://{others['works'].address}:{WEB}/", timeout=5).status_code == 200


def test_services_are_rows_of_a_services_file() -> None:
    with Servers(cast.servers()) as running:
        rows = demo_services(running, lambda server: (server.client, server.name))
    assert {row["client"] for row in rows} <= {client.key for client in cast.ORGANIZATIONS}
    assert all(row["addresses"][0].startswith("127.") and row["ports"] for row in rows)
    assert all(domain.isascii() and domain.endswith(".example") for row in rows for domain in row["domains"])
    assert len({row["name"] for row in rows}) == len(rows)
