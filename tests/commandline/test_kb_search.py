"""The search in the terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.desk import Run, store
from tests.knowledge.search.shelf import article, put


@pytest.fixture
def stocked(ready: Path) -> Path:
    put(
        store(ready),
        article(1, "Renew a \x1b[31mcertificate", "<p>Press Renew to renew the certificate [bold]now[/].</p>"),
        article(2, "Certificates inside", public=False),
    )
    return ready


def test_answers_are_shown_with_where_they_are_read(run: Run, stocked: Path) -> None:
    shown = run("kb", "search", "renew", "certificate").stdout
    assert shown.index("1. Renew a") < shown.index("2. Certificates inside")
    assert "https://help.example/1" in shown
    assert "[bold]now[/]" in shown
    assert "\x1b[31m" not in shown
    assert "internal" in shown


def test_they_are_data_with_json(data: Callable[..., Any], stocked: Path) -> None:
    found = data("kb", "search", "certificate", "--public")
    assert [item["article_id"] for item in found] == ["1"]


def test_no_answer_is_said(run: Run, stocked: Path) -> None:
    assert run("kb", "search", "zebra").stdout == "No article has any of these words.\n"


def test_the_answer_of_a_chat_is_lines_and_links_that_count(run: Run, data: Callable[..., Any], stocked: Path) -> None:
    lines = run("kb", "search", "--chat", "renew").stdout.splitlines()
    assert lines[0].startswith("1. Renew a")
    assert lines[-1].startswith("http://127.0.0.1:8642/kb/open/1/")
    assert data("kb", "search", "--chat", "renew")["links"][0]["target_url"] == "https://help.example/1"


def test_synonyms_come_from_the_configuration_and_from_a_file(run: Run, stocked: Path) -> None:
    config = stocked / "deskside.toml"
    (stocked / "ours.txt").write_text("# ours\nx509, certificate\n")
    known = config.read_text()
    config.write_text(f'{known}\n[knowledge.search]\nsynonyms = [["ssl", "certificate"]]\nsynonyms_file = "ours.txt"\n')
    for word in ("ssl", "x509"):
        assert "Renew a" in run("kb", "search", word).stdout
    config.write_text(f'{known}\n[knowledge.search]\nsynonyms_file = "nowhere.txt"\n')
    assert "cannot read nowhere.txt" in run("kb", "search", "ssl", status=1).stderr
    config.write_text(f'{known}\n[knowledge.search]\nsynonyms = [["alone"]]\n')
    assert "synonyms" in run("kb", "search", "ssl", status=1).stderr
