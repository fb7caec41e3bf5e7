"""Every PHP file of the repository: it can be read, it needs nothing newer than PHP 7.4, and it keeps PSR-12."""

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GATE = ROOT / "tests/php/newer.php"
CONTROLS = ROOT / "tests/php/controls"
# What each control needs PHP 8 for; a file may be one of several ways to write the same.
CAUGHT = {
    "attribute": "attribute",
    "catch_without_variable": "catch without variable",
    "class_of_an_object": "::class of an object",
    "constructor_promotion": "constructor promotion",
    "enum": "enum",
    "first-class_callable": "first-class callable",
    "intersection_type": "intersection type",
    "match": "match",
    "mixed_type_parameter": "mixed type",
    "mixed_type_return": "mixed type",
    "named_argument": "named argument",
    "never_type": "never type",
    "new_in_initializer": "new in initializer",
    "nullsafe_operator": "nullsafe operator",
    "octal_prefix": "octal prefix",
    "readonly": "readonly",
    "static_return_type": "static return type",
    "str_contains": "str_contains",
    "str_ends_with": "str_ends_with",
    "str_starts_with": "str_starts_with",
    "throw_expression_arrow": "throw expression",
    "throw_expression_coalesce": "throw expression",
    "throw_expression_condition": "throw expression",
    "trailing_comma_in_parameters": "trailing comma in parameters",
    "trailing_comma_in_parameters_use": "trailing comma in parameters",
    "union_type_parameter": "union type",
    "union_type_property": "union type",
    "union_type_return": "union type",
}


def files() -> list[Path]:
    """The PHP files of the repository, but for the controls of the gate itself."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in {"node_modules", "build"}]
        here = Path(folder)
        if here != CONTROLS:
            found += [here / name for name in names if name.endswith(".php")]
    return sorted(found)


def run(command: Sequence[str | Path]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def php() -> str:
    found = shutil.which("php")
    if found is None:
        pytest.skip("PHP is not installed: apt-get install php-cli")
    return found


@pytest.fixture
def gate(php: str) -> str:
    """A PHP that knows what the gate looks for."""
    if run([php, "-r", "exit(PHP_VERSION_ID >= 80100 ? 0 : 1);"]).returncode != 0:
        pytest.skip("the gate for older syntax needs PHP 8.1 or later to run")
    return php


@functools.cache
def standards() -> str:
    """The coding standards of phpcs, empty where it is not installed."""
    return run(["phpcs", "-i"]).stdout if shutil.which("phpcs") else ""


def test_every_file_can_be_read_by_php(php: str) -> None:
    def complaint(file: Path) -> str:
        done = run([php, "-l", file])
        return "" if done.returncode == 0 else done.stdout

    with ThreadPoolExecutor(2) as pool:
        assert [text for text in pool.map(complaint, files()) if text] == []


def test_no_file_needs_anything_newer_than_php_74(gate: str) -> None:
    done = run([gate, GATE, *files()])
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_every_control_is_named_here() -> None:
    assert {file.stem for file in CONTROLS.glob("*.php")} == CAUGHT.keys() | {"nothing"}


@pytest.mark.parametrize("control", sorted(CAUGHT))
def test_the_gate_names_what_a_control_needs(gate: str, control: str) -> None:
    file = CONTROLS / f"{control}.php"
    assert run([gate, "-l", file]).returncode == 0
    done = run([gate, GATE, file])
    assert [line.split(": ")[-1] for line in done.stdout.splitlines()] == [CAUGHT[control]]
    assert (done.stderr, done.returncode) == ("", 1)


def test_the_gate_lets_through_what_only_looks_newer(gate: str) -> None:
    done = run([gate, GATE, CONTROLS / "nothing.php"])
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_every_file_keeps_psr_12() -> None:
    if "PSR12" not in standards():
        pytest.skip("PHP_CodeSniffer is not installed: apt-get install php-codesniffer")
    # WHMCS wants a guard or an include before anything else, which is a side effect.
    done = run(["phpcs", "--standard=PSR12", "--exclude=PSR1.Files.SideEffects", "--report=emacs", *files()])
    assert (done.stdout, done.returncode) == ("", 0)


def test_php_compatibility_finds_nothing_newer_than_74() -> None:
    if "PHPCompatibility" not in standards():
        pytest.skip("PHPCompatibility is not installed beside PHP_CodeSniffer")
    options = ["--standard=PHPCompatibility", "--runtime-set", "testVersion", "7.4-", "--report=emacs"]
    control = run(["phpcs", *options, CONTROLS / "match.php"])
    if control.returncode == 0:
        pytest.skip("this PHPCompatibility knows nothing of PHP 8")
    done = run(["phpcs", *options, *files()])
    assert (done.stdout, done.returncode) == ("", 0)
