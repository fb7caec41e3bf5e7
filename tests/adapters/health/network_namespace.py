"""A private network for scripts that tests run: the way in, and what the scripts share."""

import fcntl
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

NOT_PERMITTED = 77
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40
_UNSHARE = ("unshare", "--user", "--map-root-user", "--net")


def loopback_up() -> None:
    """Switch the loopback of this namespace on. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP | _IFF_RUNNING))


def run_inside(script: Path) -> list[str]:
    """The lines a script prints in a network of its own; skips the test where that is not permitted."""
    try:
        probe = subprocess.run([*_UNSHARE, "true"], capture_output=True, timeout=20, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed here")
    if probe.returncode:
        pytest.skip("network namespaces are not permitted here")
    done = subprocess.run(
        [*_UNSHARE, sys.executable, str(script)], capture_output=True, text=True, timeout=90, check=False
    )
    if done.returncode == NOT_PERMITTED:
        pytest.skip("the kernel's settings or packet rules may not be changed even in a namespace here")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
