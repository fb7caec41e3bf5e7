"""Nothing changed in 5,000 articles: a folder of Markdown beside a simulated Guide, looked at once more.

Processor time is of this process alone: the simulated Guide is a process of its own. The peer is the least there is to
do at all: the same pages of articles fetched and parsed as JSON, and nothing compared.
"""

import json
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import requests

from adapters.knowledge.building import Publishing
from adapters.knowledge.looking import look
from adapters.knowledge.reading import refresh
from benchmarks.figures import Figure, main
from deskside import app, settings
from deskside.demo.zendesk import SimulatedZendesk
from deskside.knowledge import bindings, documents
from deskside.store import migrate
from deskside.store.database import reading, utc_now

ARTICLES = 5_000
WORDS = 600
TURNS = 3
REQUESTS = 60
SECONDS = 10.0


def measure() -> list[Figure]:
    """The figures of a look that finds nothing."""
    folder = Path(tempfile.mkdtemp(prefix="deskside-noop-"))
    try:
        with _guide(folder) as account:
            return _measured(folder, account)
    finally:
        shutil.rmtree(folder)


def _measured(folder: Path, account: dict[str, str]) -> list[Figure]:
    handbook = folder / "handbook"
    _write(handbook)
    parts = app.build(settings.load(_configured(folder, handbook), account))
    migrate.upgrade(parts.database)
    publishing = parts.context.publishing
    assert publishing is not None
    _published(parts, publishing)
    took, asked = [], 0
    for _ in range(TURNS):
        before, started = publishing.targets["guide"].requests, time.process_time()
        plan = look(publishing, parts.database)
        took.append(time.process_time() - started)
        asked = publishing.targets["guide"].requests - before
        assert not plan.changes, plan.counts
    least = min(_least(account) for _ in range(TURNS))
    parts.database.dispose()
    return [
        Figure(f"requests to Guide, {ARTICLES:,} articles, nothing changed", asked, "requests", target=float(REQUESTS)),
        Figure(
            f"processor time of the same look ({WORDS} words an article)",
            sorted(took)[len(took) // 2],
            "s",
            {"the listing alone, fetched and parsed": least},
            target=SECONDS,
        ),
    ]


def _published(parts: app.Parts, publishing: Publishing) -> None:
    """Bind what the simulated Guide has been given beforehand: publishing it article by article is another story."""
    source, target = publishing.sources["handbook"], publishing.targets["guide"]
    refreshed = refresh(parts.database, source, publishing.settings)
    assert not refreshed.unreadable, refreshed.unreadable
    by_title = {text.title: article for article in target.listing() for text in article.texts.values()}
    with reading(parts.database) as connection:
        known = documents.every(connection)
    with parts.database.begin() as connection:
        for item in known:
            article = by_title[item.title]
            bindings.bind(
                connection, item.source, item.id, item.language, "guide", article.id, f"m{article.id}", utc_now()
            )
    # The first look sees that both sides mean the same, and notes it; what is left is filing.
    plan = look(publishing, parts.database)
    with parts.database.begin() as connection:
        for action in plan.actions:
            assert action.kind == "file", (action.kind, action.reason)
            assert action.binding is not None
            bindings.change(connection, action.binding, utc_now(), filed_hash=action.filed_hash)


def _text(number: int) -> tuple[str, list[str]]:
    words = [f"word{(number * 31 + index * index) % 251}" for index in range(WORDS)]
    return f"Article {number}", [" ".join(words[start : start + 60]) for start in range(0, WORDS, 60)]


def _write(folder: Path) -> None:
    for number in range(ARTICLES):
        title, paragraphs = _text(number)
        path = folder / f"part{number % 50}" / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\nid: a{number}\ntitle: {title}\n---\n\n" + "\n\n".join(paragraphs) + "\n")


def _configured(folder: Path, handbook: Path) -> Path:
    path = folder / "deskside.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{folder}/deskside.db"\n'
        f'[knowledge.sources.handbook]\nkind = "markdown"\nfolder = {json.dumps(str(handbook))}\n'
        '[knowledge.targets.guide]\nkind = "zendesk"\n'
        '[[knowledge.routes]]\ntarget = "guide"\nsection = "Help / Start"\n'
    )
    return path


def _least(account: dict[str, str]) -> float:
    """Processor seconds of fetching and parsing the same listing."""
    url = account["DESKSIDE_ZENDESK__URL"]
    session = requests.Session()
    token = session.post(
        f"{url}/oauth/tokens",
        json={
            "grant_type": "client_credentials",
            "client_id": account["DESKSIDE_ZENDESK__CLIENT_ID"],
            "client_secret": account["DESKSIDE_ZENDESK__CLIENT_SECRET"],
            "scope": "hc:read",
        },
        timeout=30,
    ).json()["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    started = time.process_time()
    page: str | None = f"{url}/api/v2/help_center/articles.json?include=translations&page[size]=100"
    seen = 0
    while page:
        answer = session.get(page, timeout=60).json()
        seen += len(answer["articles"])
        page = answer["links"]["next"] if answer["meta"]["has_more"] else None
    assert seen == ARTICLES
    return time.process_time() - started


@contextmanager
def _guide(folder: Path) -> Iterator[dict[str, str]]:
    """A simulated Guide with every article, in a process of its own; the environment that reaches it."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join(30)


def _serve(pipe: Connection) -> None:
    with SimulatedZendesk(plan_limit=100_000) as zendesk:
        section = zendesk.add_section(zendesk.add_category("Help"), "Start")
        for number in range(ARTICLES):
            title, paragraphs = _text(number)
            body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
            zendesk.add_article(section, title, body)
        pipe.send(
            {
                "DESKSIDE_ZENDESK__URL": zendesk.url,
                "DESKSIDE_ZENDESK__CLIENT_ID": zendesk.client_id,
                "DESKSIDE_ZENDESK__CLIENT_SECRET": zendesk.client_secret,
            }
        )
        pipe.recv()


if __name__ == "__main__":
    main("A look at 5,000 articles that finds nothing to do", measure)
