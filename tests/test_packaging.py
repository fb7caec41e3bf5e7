"""What is in the tree is in the wheel: nothing works only where it was checked out."""

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from setuptools import find_packages

ROOT = Path(__file__).resolve().parents[1]
TOPS = ("deskside", "adapters", "push", "webhooks", "jobs")


@pytest.fixture(scope="module")
def declared() -> configparser.ConfigParser:
    read = configparser.ConfigParser(delimiters="=")
    read.read(ROOT / "setup.cfg", "utf-8")
    return read


def tracked() -> list[Path]:
    """The files of the product, as git knows them; where there is no git, as they lie on the disk."""
    listed = subprocess.run(["git", "ls-files", *TOPS], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [Path(line) for line in listed.stdout.splitlines()]
    found = (path.relative_to(ROOT) for top in TOPS for path in (ROOT / top).rglob("*") if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts and path.suffix != ".pyc"]


def test_every_folder_with_code_is_a_package_that_setup_cfg_finds(declared: configparser.ConfigParser) -> None:
    include = declared["options.packages.find"]["include"].split()
    packages = set(find_packages(str(ROOT), include=include))
    folders = {path.parent for path in tracked() if path.suffix == ".py"}
    assert {".".join(folder.parts) for folder in folders} == packages


def test_only_the_product_is_packaged(declared: configparser.ConfigParser) -> None:
    packages = find_packages(str(ROOT), include=declared["options.packages.find"]["include"].split())
    assert {name.partition(".")[0] for name in packages} == set(TOPS)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built of a copy of the tree."""
    source = tmp_path_factory.mktemp("source")
    for path in [*tracked(), *(Path(name) for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"))]:
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / path).read_bytes())
    made = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    built = subprocess.run([*command, "--wheel-dir", made, source], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (file,) = made.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_every_file_of_the_product_is_in_the_wheel(wheel: set[str]) -> None:
    sources = {".po", ".pot", ".cfg"}  # of the translations: what is read is the compiled .mo
    wanted = {path.as_posix() for path in tracked() if path.suffix not in sources}
    assert wanted - wheel == set()


@pytest.mark.parametrize(
    "name",
    [
        "webhooks/pages/templates/queue.html",
        "webhooks/pages/static/vendor/htmx-2.0.11.min.js",
        "deskside/store/migrations/script.py.mako",
        "deskside/locale/ru/LC_MESSAGES/messages.mo",
        "deskside/demo/zendesk/templates/queue.html",
    ],
)
def test_what_is_read_at_run_time_is_in_the_wheel(wheel: set[str], name: str) -> None:
    assert name in wheel


def test_the_wheel_holds_nothing_else(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(TOPS)


def test_every_module_is_named_by_the_tools_that_check_it(declared: configparser.ConfigParser) -> None:
    assert set(declared["mypy"]["packages"].split(",")) == set(TOPS)
    assert set(declared["importlinter"]["root_packages"].split()) == set(TOPS)
