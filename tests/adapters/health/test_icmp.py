"""Ping: one socket for all looks, and only our own replies count."""

import asyncio
import struct
from pathlib import Path
from unittest import mock

import sqlalchemy as sa

from adapters.health import pinger as module
from adapters.health.errors import PingForbidden
from adapters.health.icmp import IcmpProbe, judge_echoes, probe
from adapters.health.ping_socket import checksum
from adapters.health.pinger import Echoes, Pinger, close_pinger, shared_pinger
from adapters.health.settings import HealthSettings
from deskside.model.health import Sign, Word
from deskside.store.database import open_database, utc_now
from deskside.store.tables import host
from tests.adapters.health.looking import look, needs_ping, run, target


@needs_ping
def test_loopback_answers_every_packet() -> None:
    finding = look(probe, target(address="127.0.0.1"), icmp_gap_seconds=0.01)
    assert (finding.word, finding.sign) == (Word.OK, Sign.ALIVE)
    assert (finding.details["sent"], finding.details["got"]) == (4, 4)


@needs_ping
def test_many_hosts_are_all_alive_over_one_socket() -> None:
    async def sweep() -> list[Echoes]:
        pinger = shared_pinger()
        hosts = [f"127.0.{number // 200}.{number % 200 + 1}" for number in range(400)]
        tasks = [asyncio.create_task(pinger.ping(host, 2, 0.01, 2)) for host in hosts]
        await asyncio.wait(tasks)
        assert len(pinger._channels) == 1
        assert not any(channel.waiting for channel in pinger._channels.values())
        return [task.result() for task in tasks]

    assert [len(echoes.rtts_ms) for echoes in run(sweep())] == [2] * 400


@needs_ping
def test_times_are_the_kernels_and_not_those_of_a_busy_loop() -> None:
    async def busy() -> Echoes:
        task = asyncio.create_task(shared_pinger().ping("127.0.0.1", 1, 0, 2))
        await asyncio.sleep(0)
        # The reply is in the kernel now; a loop that is busy for so long would add all of it to the time.
        end = asyncio.get_running_loop().time() + 0.2
        while asyncio.get_running_loop().time() < end:
            pass
        return await task

    (rtt,) = run(busy()).rtts_ms
    assert rtt < 150


def test_a_reply_counts_only_with_type_sequence_source_and_the_secret_token() -> None:
    async def forged() -> None:
        pinger = Pinger()
        sock = mock.Mock()
        channel = module._Channel(sock, True, module.socket.AF_INET, 7)
        pinger._channels[module.socket.AF_INET] = channel
        answer = pinger._send(channel, "192.0.2.1", b"t" * 16)
        (packet, _), _ = sock.sendto.call_args
        sequence = struct.unpack_from("!H", packet, 6)[0]

        def reply(kind: int = 0, identifier: int = 7, number: int = sequence, token: bytes = b"t" * 16) -> bytes:
            return struct.pack("!BBHHH", kind, 0, 0, identifier, number) + token

        for data, source in [
            (reply(kind=8), "192.0.2.1"),
            (reply(kind=3), "192.0.2.1"),
            (reply(identifier=8), "192.0.2.1"),
            (reply(number=sequence ^ 1), "192.0.2.1"),
            (reply(token=b"x" * 16), "192.0.2.1"),
            (reply(token=b"t" * 8), "192.0.2.1"),
            (reply(), "192.0.2.2"),
            (b"", "192.0.2.1"),
        ]:
            pinger._take(channel, data, source, None)
            assert not answer.done()
        pinger._take(channel, reply(), "192.0.2.1", None)
        assert answer.result() >= 0
        pinger._channels.clear()

    asyncio.run(forged())


def test_where_ping_is_not_permitted_the_finding_is_unknown_and_names_the_cure() -> None:
    with mock.patch.object(module, "open_socket", side_effect=PingForbidden("not permitted")):
        finding = look(probe, target())
    assert (finding.word, finding.sign) == (Word.UNKNOWN, Sign.NOTHING)
    assert "net.ipv4.ping_group_range" in finding.summary


def test_no_answer_is_silence_and_never_by_itself_a_failure() -> None:
    finding = judge_echoes(Echoes(4, 0, ()), 25)
    assert (finding.word, finding.sign) == (Word.UNKNOWN, Sign.SILENT)


def test_some_loss_is_degraded_and_packets_we_could_not_send_are_not_loss() -> None:
    assert judge_echoes(Echoes(4, 0, (1.0, 1.0, 1.0)), 25).word is Word.DEGRADED
    assert judge_echoes(Echoes(4, 1, (1.0, 1.0, 1.0)), 25).word is Word.OK
    nothing = judge_echoes(Echoes(4, 4, ()), 25)
    assert (nothing.word, nothing.sign) == (Word.UNKNOWN, Sign.NOTHING)


def test_a_slow_answer_is_judged_by_what_is_usual_for_the_host() -> None:
    far_away = Echoes(4, 0, (310.0, 305.0, 320.0, 300.0))
    assert judge_echoes(far_away, 25).word is Word.OK
    assert judge_echoes(far_away, 25, usual_ms=290.0).word is Word.OK
    slow = judge_echoes(far_away, 25, usual_ms=12.0)
    assert (slow.word, slow.sign, slow.details["code"]) == (Word.DEGRADED, Sign.ALIVE, "slow")
    assert slow.summary == "ping takes 309 ms, usually 12 ms"


@needs_ping
def test_what_is_usual_comes_from_the_sweep(database: sa.Engine) -> None:
    row = {"address": "127.0.0.1", "name": "", "ports": [], "since": utc_now(), "baseline_ms": -1000.0}
    with database.begin() as connection:
        connection.execute(sa.insert(host).values(**row))
    built = IcmpProbe().build(HealthSettings(), database)
    finding = look(built, target(address="127.0.0.1"))
    assert finding.details["code"] == "slow"


@needs_ping
def test_without_a_database_nothing_is_usual(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    built = IcmpProbe().build(HealthSettings(), open_database(f"sqlite:///{file}"))
    finding = look(built, target(address="127.0.0.1"))
    assert finding.details["code"] == "answered"
    assert not file.exists()


def test_the_checksum_is_that_of_rfc_1071() -> None:
    # The worked example of RFC 1071, section 3: the sum is ddf2.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2 ^ 0xFFFF


@needs_ping
def test_closing_leaves_no_socket_behind_and_the_next_look_opens_a_new_one() -> None:
    async def twice() -> tuple[int, int]:
        first = await shared_pinger().ping("127.0.0.1", 1, 0, 2)
        sockets = [channel.sock for channel in shared_pinger()._channels.values()]
        close_pinger()
        assert all(sock.fileno() == -1 for sock in sockets)
        second = await shared_pinger().ping("127.0.0.1", 1, 0, 2)
        return len(first.rtts_ms), len(second.rtts_ms)

    assert run(twice()) == (1, 1)
