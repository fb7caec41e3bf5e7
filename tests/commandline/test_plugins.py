"""What is plugged in, and from where."""

from collections.abc import Callable
from typing import Any

from deskside.plugins import GROUPS
from tests.commandline.desk import Run


def test_every_plugin_is_listed_with_its_port_and_origin(run: Run, data: Callable[..., Any]) -> None:
    listed = data("plugins")
    assert {item["group"] for item in listed} == set(GROUPS)
    assert {"group": "deskside.desks", "name": "zendesk", "distribution": "deskside"} in listed
    said = run("plugins").stdout
    for item in listed:
        assert item["name"] in said


def test_listing_needs_no_configuration_and_no_database(run: Run, folder: Any) -> None:
    (folder / "deskside.toml").write_text("[web")
    run("plugins")
    assert not list(folder.glob("*.db"))
