"""`deskside kb search`: the search in the terminal."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.text import Text

from deskside.commandline import common
from deskside.knowledge.search import command, searches
from deskside.knowledge.search.query import MOST_HITS, Hit, find
from deskside.store.database import reading, utc_now


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--language", default="", help="Articles in this language come first.")
@click.option("--public", is_flag=True, help="Only articles that everybody may read.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, MOST_HITS))
@click.option("--chat", is_flag=True, help="Print what /find_kb answers in a chat.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def search(
    path: Path | None, query: tuple[str, ...], language: str, public: bool, limit: int, chat: bool, as_json: bool
) -> None:
    """Search the articles of every target."""
    parts = common.parts(path)
    words = " ".join(query)
    if chat:
        with parts.database.begin() as connection:
            reply = command.find_kb(
                connection,
                words,
                audience=searches.CLIENT if public else searches.AGENT,
                now=utc_now(),
                base_url=parts.settings.base_url,
                language=language,
                synonyms=parts.context.synonyms,
            )
        _show_reply(reply, as_json)
        return
    with reading(parts.database) as connection:
        hits = find(connection, words, language, public, limit, synonyms=parts.context.synonyms)
    if as_json:
        common.print_json([asdict(hit) for hit in hits])
        return
    if not hits:
        common.console.print("No article has any of these words.")
    for number, hit in enumerate(hits, start=1):
        common.console.print(_shown(number, hit))


def _show_reply(reply: command.Reply, as_json: bool) -> None:
    if as_json:
        common.print_json(asdict(reply))
        return
    for line in reply.lines:
        click.echo(common.plain(line, 400))
    for link in reply.links:
        click.echo(common.plain(link.url, 400))


def _shown(number: int, hit: Hit) -> Text:
    text = Text(f"{number}. ")
    text.append(common.plain(hit.title, 120), "bold")
    text.append(f"  {hit.target} {hit.language}{'' if hit.public else ', internal'}\n   ", "dim")
    snippet = Text(common.plain(hit.snippet, len(hit.snippet) + 1))
    for start, end in hit.marks:
        snippet.stylize("bold yellow", start, end)
    text.append_text(snippet)
    text.append(f"\n   {common.plain(hit.url, 300)}", "cyan")
    return text
