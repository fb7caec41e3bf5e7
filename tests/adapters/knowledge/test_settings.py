"""`[knowledge]`: what is wrong is named with its key, and no secret is shown."""

from pathlib import Path

import pytest

from adapters.knowledge.building import build
from adapters.knowledge.settings import KnowledgeSchema
from deskside import settings
from deskside.errors import ConfigurationError
from deskside.guard import AddressGuard
from deskside.ports import Surface
from deskside.store.database import open_database
from tests.test_plugins import install

ROUTE = '[[knowledge.routes]]\nsource = "handbook"\ntarget = "guide"\nsection = "Help / Start"\n'
PARTS = (
    '[knowledge.sources.handbook]\nkind = "file"\nfile = "shop.db"\n'
    '[knowledge.targets.guide]\nkind = "file"\nfile = "shop.db"\n'
)


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind `file`, as installed."""
    points = {
        "deskside.knowledge_sources": {"file": "tests.doubles.knowledge:source"},
        "deskside.knowledge_targets": {"file": "tests.doubles.knowledge:target"},
    }
    install(tmp_path, "deskside-file", points)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)


def load(text: str, **environment: str) -> settings.Settings:
    Path("deskside.toml").write_text(text)
    return settings.load(Path("deskside.toml"), environment)


def made(text: str, **environment: str) -> object:
    surface = Surface({}, AddressGuard((), ()), open_database("sqlite:///x.db"))
    return build(load(text, **environment), surface)


def test_sources_targets_and_routes_are_built() -> None:
    publishing = made(PARTS + ROUTE)
    assert list(publishing.sources) == ["handbook"]  # type: ignore[attr-defined]
    assert list(publishing.targets) == ["guide"]  # type: ignore[attr-defined]
    assert publishing.settings.routes[0].section == ("Help", "Start")  # type: ignore[attr-defined]


def test_without_any_there_is_no_knowledge_base() -> None:
    assert made("") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PARTS + ROUTE.replace("handbook", "wiki"), "number 1 names the source 'wiki'; there are handbook"),
        (PARTS + ROUTE.replace("guide", "whmcs"), "number 1 names the target 'whmcs'; there are guide"),
        (PARTS + ROUTE.replace("Help / Start", "Help /  "), "must be the names on the way to a section"),
        (PARTS + ROUTE + "positon = 3\n", "number 1, positon: is no key Deskside knows; there are draft"),
        (PARTS + ROUTE + 'position = "last"\n', '"source" for the order of the source'),
        (PARTS + ROUTE + 'language = "en"\nlanguages = {en = "en-us"}\n', "a map of them"),
        (PARTS + ROUTE + 'languages = {en = "en-us", de = "en-us"}\n', "two languages to the same one"),
        ("[knowledge]\narchive_least = 30\n", "must not be more than archive_most"),
        ("[knowledge]\ndrift = 'overwrite'\n", "Must be one of: warn, restore, pause"),
        ('[knowledge.sources."A b"]\nkind = "file"\n', "is no name"),
        (
            PARTS.replace('kind = "file"', 'kind = "wordpress"', 1),
            "[knowledge.sources.handbook] kind (found 'wordpress')",
        ),
        (PARTS.replace('kind = "file"\n', "", 1), "[knowledge.sources.handbook] kind is missing"),
        (PARTS.replace("file = ", "folder = ", 1), "[knowledge.sources.handbook] folder is no key Deskside knows"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        made(text)
    assert said in str(error.value)


def test_a_secret_comes_from_the_environment_and_is_never_shown() -> None:
    publishing = made(PARTS, DESKSIDE_KNOWLEDGE__SOURCES__HANDBOOK__TOKEN="hush", DESKSIDE_KNOWLEDGE__EVERY_MINUTES="0")
    assert publishing.settings.sources["handbook"]["token"] == "hush"  # type: ignore[attr-defined]
    assert publishing.settings.every_minutes == 0  # type: ignore[attr-defined]
    assert "hush" not in repr(load(PARTS, DESKSIDE_KNOWLEDGE__SOURCES__HANDBOOK__TOKEN="hush"))
    with pytest.raises(ConfigurationError) as error:
        made(PARTS, DESKSIDE_KNOWLEDGE__SOURCES__HANDBOOK__TOKN="hush")
    assert "hush" not in str(error.value)
    assert "[knowledge.sources.handbook] tokn is no key" in str(error.value)


def test_the_defaults_are_the_careful_ones() -> None:
    loaded = KnowledgeSchema().load({})
    assert (loaded.drift, loaded.apply, loaded.every_minutes) == ("warn", "safe", 15)
    assert (loaded.guard.listings, loaded.guard.archive_least, loaded.guard.archive_most) == (2, 3, 20)
