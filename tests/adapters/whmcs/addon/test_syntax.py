"""The addon runs on PHP 7.4 as on 8.3, in WHMCS's own style."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.adapters.whmcs.addon.php import ADDON, PACKED, php

FILES = sorted(PACKED.rglob("*.php"))
GATE = Path(__file__).parent / "only_php8.php"

# Each runs on PHP 8 and not on 7.4, but for the last, which runs on both.
CONTROL = {
    "T_MATCH": "$a = match (1) { 1 => 2 };",
    "T_ENUM": "enum A { case B; }",
    "T_READONLY": "class A { public readonly int $a; }",
    "T_ATTRIBUTE": "#[A] class B {}",
    "T_NULLSAFE_OBJECT_OPERATOR": "$a?->b();",
    "str_contains()": "str_contains('a', 'b');",
    "a named argument": "f(a: 1, b: 2);",
    "a first-class callable": "$f = strlen(...);",
    "catch without a variable": "try {} catch (E) {}",
    "throw as an expression": "$a = $b ?? throw new E();",
    "::class of an object": "$a = $b::class;",
    "an octal number with 0o": "$a = 0o7;",
    "a promoted property": "class A { public function __construct(private int $a) {} }",
    "a type of a parameter that 7.4 does not know": "function f(int|string $a) {}",
    "a type of a property that 7.4 does not know": "class A { private int|string $a; }",
    "new in an initialiser": "function f($a = new B()) {}",
    "a comma after the last parameter": "function f($a, $b,) {}",
    "a return type that 7.4 does not know": "class A { function f(): static {} }",
    "": "final class A { private static ?int $b = null; function c(?array $d = [], ...$e): ?self { switch ($d) "
    "{ case self::class: throw new E(); default: return $this ? a : f(B, C ? D : E); } } } "
    "$f = fn(int $g): int => 1 | $g;",
}


def beyond(*files: Path) -> list[str]:
    found = subprocess.run([php(), GATE, *files], capture_output=True, text=True, check=True, timeout=60)
    return found.stdout.splitlines()


def test_there_is_an_addon() -> None:
    assert ADDON / "hooks.php" in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_php_can_read_it(file: Path) -> None:
    found = subprocess.run([php(), "-l", file], capture_output=True, text=True, check=False, timeout=30)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(("construct", "code"), CONTROL.items())
def test_the_gate_sees_what_only_php_8_knows(construct: str, code: str, tmp_path: Path) -> None:
    file = tmp_path / "control.php"
    file.write_text(f"<?php\n{code}\n")
    assert [line.partition(" ")[2] for line in beyond(file)][:1] == ([construct] if construct else [])


def test_nothing_of_the_addon_needs_php_8() -> None:
    assert beyond(*FILES) == []


def test_its_style_is_psr_12() -> None:
    sniffer = shutil.which("phpcs")
    if sniffer is None:
        pytest.skip("PHP_CodeSniffer is not installed: apt-get install php-codesniffer")
    # A module must both guard itself and define its functions.
    command = [sniffer, "--standard=PSR12", "--extensions=php", "--exclude=PSR1.Files.SideEffects", str(PACKED)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode == 0, found.stdout


def test_files_start_and_end_as_php_must() -> None:
    for file in FILES:
        content = file.read_bytes()
        assert content.startswith(b"<?php\n"), file.name
        assert b"?>" not in content, file.name
