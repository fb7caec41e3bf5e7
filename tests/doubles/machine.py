"""A server to sign in to: a real sshd on loopback, whose commands answer what a test wants.

Its programs are a folder of small scripts before all others in PATH, each printing a file of `answers`.
"""

import getpass
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SSHD = shutil.which("sshd", path=os.defpath + ":/usr/sbin:/usr/local/sbin")
needs_sshd = pytest.mark.skipif(SSHD is None, reason="sshd is not installed: apt-get install openssh-server")

# What a healthy server says; a test changes a line of it.
HEALTHY = {
    "uptime": "350735.47 234388.90\n",
    "nproc": "4\n",
    "loadavg": "0.40 0.80 0.60 1/200 4242\n",
    "meminfo": "MemTotal: 8000000 kB\nMemFree: 1000000 kB\nMemAvailable: 5000000 kB\n",
    "vmstat": "oom_kill 0\n",
    "mounts": "/dev/sda1 / ext4 rw,relatime 0 0\ntmpfs /run tmpfs rw 0 0\n",
    "mdstat": "Personalities : [raid1]\nmd0 : active raid1 sda1[0] sdb1[1]\n      248896 blocks [2/2] [UU]\n\n",
    "df": "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
    "/dev/sda1 100000000 40000000 60000000 40% /\ntmpfs 1000 1000 0 100% /run\n",
    "inodes": "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 1000000 30000 970000 3% /\n",
    "units": "",
    "dmesg": "[    0.000000] Linux version 6.1\n",
    "scan": "",
}
# A disk whose SMART says that it fails.
FAILING_DISK = json.dumps(
    {
        "smartctl": {"exit_status": 24},
        "device": {"name": "/dev/sda", "type": "sat"},
        "model_name": "ST4000NM0035",
        "serial_number": "ZC1",
        "smart_status": {"passed": False},
        "ata_smart_attributes": {
            "table": [
                {"id": 5, "name": "Reallocated_Sector_Ct", "raw": {"value": 1975, "string": "1975"}},
                {"id": 197, "name": "Current_Pending_Sector", "raw": {"value": 8, "string": "8"}},
            ]
        },
    }
)
# How each program finds its answer; `say` prints the file of that name.
_PROGRAMS = {
    "cat": 'case $1 in /proc/*) say "${1##*/}" ;; *) exec /bin/cat "$@" ;; esac',
    "grep": 'case $2 in /proc/vmstat) say vmstat ;; *) exec /bin/grep "$@" ;; esac',
    "nproc": "say nproc",
    "df": "case $1 in *i*) say inodes ;; *) say df ;; esac",
    "systemctl": "say units",
    "dmesg": "say dmesg",
    "journalctl": "exit 1",
    "smartctl": 'for last; do :; done; case $1 in --scan) say scan ;; *) say "smart-${last##*/}" ;; esac',
    "sudo": 'shift; exec "$@"',
}
_SAY = """#!/bin/sh
say() {{ [ -f '{answers}/slow-'"$1" ] && exec sleep 60; exec /bin/cat '{answers}/'"$1"; }}
{program}
"""


@dataclass
class Machine:
    """The running server. `key` is the private key that opens it to `user`, in OpenSSH's form."""

    folder: Path
    port: int
    key: str
    user: str

    def say(self, **answers: str) -> None:
        """Let commands answer these texts from now on."""
        for name, text in answers.items():
            (self.folder / "answers" / name.replace("__", "-")).write_text(text, "utf-8")

    def hang(self, name: str) -> None:
        """Let one command never end."""
        (self.folder / "answers" / f"slow-{name}").touch()

    def disk(self, name: str, smartctl: str, kind: str = "sat") -> None:
        """Put in a disk of which smartctl says this."""
        self.say(**{"scan": f"/dev/{name} -d {kind} # /dev/{name} [SAT], ATA device\n", f"smart-{name}": smartctl})


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A server in this folder, healthy at first, listening when this returns."""
    assert SSHD is not None
    if os.geteuid() == 0:
        # Only root's sshd separates privileges, into this folder.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    (folder / "answers").mkdir(parents=True)
    (folder / "bin").mkdir()
    for name, program in _PROGRAMS.items():
        path = folder / "bin" / name
        path.write_text(_SAY.format(answers=folder / "answers", program=program))
        path.chmod(0o755)
    for name in ("host", "client"):
        new_key(folder / name)
    shutil.copy(folder / "client.pub", folder / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Machine(folder, port, (folder / "client").read_text(), getpass.getuser())
    made.say(**HEALTHY)
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nPermitRootLogin yes\nPasswordAuthentication yes\n"
        f"SetEnv PATH={folder}/bin:/usr/bin:/bin\nMaxAuthTries 20\n"
    )
    with running(folder):
        yield made


def new_key(path: Path) -> None:
    """A key pair without a passphrase; one that is there is replaced."""
    path.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """The sshd of this folder."""
    command = [str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    log = folder / "sshd.log"
    listening = threading.Event()

    def read() -> None:
        assert server.stderr is not None
        with log.open("a") as file:
            for line in server.stderr:
                file.write(line)
                file.flush()
                if "Server listening" in line:
                    listening.set()
        listening.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    listening.wait(20)
    if server.poll() is not None:
        raise RuntimeError(f"sshd did not start: {log.read_text()}")
    try:
        yield
    finally:
        server.terminate()
        server.wait(10)
        reader.join(10)
