"""Run inside a network namespace: a fleet on a loopback that loses one packet in a hundred, swept by a ping socket."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from adapters.health.sweep.echo import IcmpSocket
from adapters.health.sweep.pace import Pace
from adapters.health.sweep.rounds import Host, sweep_round
from adapters.health.sweep.state import judge
from tests.adapters.health.network_namespace import NOT_PERMITTED, loopback_up

HOSTS = 6000
# On the way in: what is dropped on its way out is an error to the sender, not a loss.
RULES = """
table ip loss {
  chain in {
    type filter hook input priority 0;
    icmp type { echo-request, echo-reply } numgen random mod 200 == 0 drop
    tcp flags syn numgen random mod 100 == 0 drop
  }
}
"""

try:
    loopback_up()
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 0")
    subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True, capture_output=True)
except (OSError, subprocess.CalledProcessError):
    sys.exit(NOT_PERMITTED)
hosts = [Host(f"127.1.{number // 250}.{number % 250 + 1}", (9,)) for number in range(HOSTS)]
raw = []


def open_echo(family):  # type: ignore[no-untyped-def]
    sock = IcmpSocket(family)
    raw.append(sock.raw)
    return sock


for _ in range(3):
    found = sweep_round(hosts, Pace(10_000, 0), open_echo=open_echo)
    words = Counter(str(judge(host, found.seen[host.address], None).word) for host in hosts)
    asked_again = sum(1 for seen in found.seen.values() if seen.sent > 1)
    print(words["down"], len(found.silent), int(asked_again > 0), int(any(raw)))
