"""What is run on a client's server is what the client is told, and a shell makes sections of it."""

import subprocess
from pathlib import Path

import pytest

from adapters.health.ssh.commands import COMMANDS, SCAN, SMART, script
from adapters.health.ssh.sections import split

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "access.md"
READING = ("cat", "nproc", "grep", "df", "systemctl", "dmesg", "journalctl", "smartctl", "sh", "killed", "timeout")


def test_every_command_is_documented() -> None:
    listed = DOCUMENT.read_text("utf-8").split("## What is run")[1].split("```")[1].strip().splitlines()
    run = [command.removesuffix(" | killed") for _, command in COMMANDS]
    assert listed == [*run, SCAN, f"{SMART} DEVICE"]


def test_the_script_is_one_for_a_posix_shell_and_ends_by_itself() -> None:
    done = subprocess.run(["sh", "-s"], input=script("@@mark"), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    found = split(done.stdout.encode(), "@@mark")
    assert [name for name, _ in COMMANDS if name not in found] == []
    assert "end" in found
    assert found["uptime"].status == 0 and found["uptime"].output.strip()


def test_a_command_that_is_missing_harms_no_other(tmp_path: Path) -> None:
    for program in ("sh", "cat", "head", "sed", "id", "awk", "printf"):
        real = subprocess.run(["which", program], capture_output=True, text=True, check=False).stdout.strip()
        if real:
            (tmp_path / program).symlink_to(real)
    bare = script("@@mark").replace("PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin", f"PATH={tmp_path}")
    done = subprocess.run(["sh", "-s"], input=bare, capture_output=True, text=True, timeout=60, check=False)
    found = split(done.stdout.encode(), "@@mark")
    assert found["df"].missing and found["units"].missing
    assert found["uptime"].status == 0
    assert "end" in found


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (b"", {}),
        (b"motd\n", {}),
        (b"motd\n@@m > a\nx\n\n@@m < 0\n", {"a": ("x\n", 0)}),
        (b"\n@@m > a\nx without an end\n@@m < 1\n", {"a": ("x without an end", 1)}),
        (b"\n@@m > a\nhalf", {"a": ("half", None)}),
        (b"\n@@m > a\n\n@@m < 0\n\n@@m > b\nhung", {"a": ("", 0), "b": ("hung", None)}),
        (b"\n@@m > a\n1\n@@m < 0\n\n@@m > a\n2\n@@m < 0\n", {"a": ("1", 0)}),
        (b"\n@@m > a\n\xff\n@@m < \n", {"a": ("\ufffd", None)}),
    ],
)
def test_sections_are_found_whatever_stands_around_them(
    output: bytes, expected: dict[str, tuple[str, int | None]]
) -> None:
    assert {name: (part.output, part.status) for name, part in split(output, "@@m").items()} == expected
