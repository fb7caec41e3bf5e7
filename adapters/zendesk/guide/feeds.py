"""Candidates for digests from Zendesk Guide: articles of the help centre, and posts of its community.

Only what everybody may read is told of: an article or a topic with a user segment is left out, and so is a draft.
Sources: developer.zendesk.com, Help Center API: Articles, Posts, Topics.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from markupsafe import Markup
from marshmallow import RAISE, Schema, fields

from adapters.zendesk.client import Clients, Row
from adapters.zendesk.desk import NAME, ZendeskDesk
from deskside.errors import Permanent
from deskside.model.digest import Entry, Found
from deskside.ports import Environment
from deskside.text import clean, identifier

# A help centre has 40,000 articles at most.
MOST_PAGES = 60
_PAGE = 100
# The newest posts are all that a look after the first needs; between two looks there are not more.
_LATER_PAGES = 3
_LONGEST_TITLE, _LONGEST_SUMMARY, _LONGEST_NAME = 300, 400, 120


class NoOptions(Schema):
    """Everything public is told of: what belongs where, ops say by topic."""

    class Meta:
        unknown = RAISE


class ArticlesOptions(NoOptions):
    """`labels`: only articles with all of these labels."""

    labels = fields.List(fields.String(), load_default=list)


class Articles:
    """Articles, by the incremental listing: what was published or edited since the last look."""

    def __init__(self, clients: Callable[[], Clients]) -> None:
        self._clients = clients

    def look(self, options: Mapping[str, Any], cursor: str) -> Found:
        """Public articles that changed since `cursor`, a Unix time; all of them at the first look.

        An article has no time of publication. What is new to us was edited last when it was published, or just before.
        """
        session = self._clients().here().session
        start = cursor if cursor.isdecimal() else "0"
        entries: dict[str, Entry] = {}
        for _ in range(MOST_PAGES):
            params = {"start_time": start} | (
                {"label_names": ",".join(options["labels"])} if options.get("labels") else {}
            )
            answer = session.json("GET", "help_center/incremental/articles.json", params=params)
            rows = _rows(answer, "articles")
            entries |= {entry.guid: entry for row in rows if (entry := _article(row)) is not None}
            following = identifier(answer.get("end_time")) or _start_of(answer.get("next_page"))
            # The last page names no other time, or no next page.
            if following is None or following == start or not answer.get("next_page"):
                return Found(tuple(entries.values()), following or start)
            start = following
        raise Permanent(f"the help centre tells of more than {MOST_PAGES} pages of articles at once")


class Posts:
    """Posts of the community, the newest first."""

    def __init__(self, clients: Callable[[], Clients]) -> None:
        self._clients = clients

    def look(self, options: Mapping[str, Any], cursor: str) -> Found:
        """Posts in topics that everybody may read; the first look goes through all pages."""
        session = self._clients().here().session
        topics = {
            str(row["id"]): _line(row.get("name"), _LONGEST_NAME)
            for row in self._pages(session, "community/topics.json", "topics", MOST_PAGES)
            if row.get("user_segment_id") is None and row.get("id") is not None
        }
        pages = _LATER_PAGES if cursor else MOST_PAGES
        rows = self._pages(session, "community/posts.json", "posts", pages, sort_by="created_at")
        entries = [entry for row in rows if (entry := _post(row, topics)) is not None]
        return Found(tuple({entry.guid: entry for entry in entries}.values()), "seen")

    @staticmethod
    def _pages(session: Any, path: str, name: str, most: int, **params: str) -> Iterator[Row]:
        after: dict[str, str] = {}
        for _ in range(most):
            answer = session.json("GET", path, params={"page[size]": str(_PAGE), **params, **after})
            yield from _rows(answer, name)
            meta = answer.get("meta")
            if not isinstance(meta, Mapping) or not meta.get("has_more") or not meta.get("after_cursor"):
                return
            after = {"page[after]": str(meta["after_cursor"])}


class ArticlesPlugin:
    """Entry point `deskside.digest_sources: zendesk_articles`."""

    name = "zendesk_articles"
    schema: type[Schema] = ArticlesOptions

    def build(self, environment: Environment) -> Articles:
        """The articles of the configured account."""
        return Articles(lambda: _clients(environment))


class PostsPlugin:
    """Entry point `deskside.digest_sources: zendesk_posts`."""

    name = "zendesk_posts"
    schema: type[Schema] = NoOptions

    def build(self, environment: Environment) -> Posts:
        """The posts of the configured account."""
        return Posts(lambda: _clients(environment))


def _clients(environment: Environment) -> Clients:
    desk = environment.desks.get(NAME)
    if not isinstance(desk, ZendeskDesk):
        raise Permanent("Zendesk is not configured: there is no section [zendesk]")
    return desk.clients


def _article(row: Row) -> Entry | None:
    if row.get("draft") is not False or row.get("user_segment_id") is not None or row.get("user_segment_ids"):
        return None
    return _entry(
        row,
        body=row.get("body"),
        at=row.get("edited_at") or row.get("created_at"),
        section=f"section {row['section_id']}" if row.get("section_id") else "",
        language=clean(row.get("locale")).lower()[:16],
    )


def _post(row: Row, topics: Mapping[str, str]) -> Entry | None:
    section = topics.get(str(row.get("topic_id")))
    if section is None:
        return None
    return _entry(row, body=row.get("details"), at=row.get("created_at"), section=section, language="")


def _entry(row: Row, *, body: object, at: object, section: str, language: str) -> Entry | None:
    guid, title, url = identifier(row.get("id")), _line(row.get("title"), _LONGEST_TITLE), clean(row.get("html_url"))
    moment = _moment(at)
    if guid is None or moment is None or not title or not url.startswith(("https://", "http://")):
        return None
    return Entry(
        guid=guid,
        url=url,
        title=title,
        published_at=moment,
        summary=_line(Markup(clean(body)).striptags(), _LONGEST_SUMMARY),  # noqa: S704 - what comes out is text
        section=section,
        author=identifier(row.get("author_id")) or "",
        language=language,
    )


def _start_of(link: object) -> str | None:
    query = parse_qs(urlsplit(link).query) if isinstance(link, str) else {}
    return identifier(query.get("start_time", [""])[0])


def _line(value: object, longest: int) -> str:
    return " ".join(clean(value).split())[:longest]


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo else None


def _rows(answer: Mapping[str, Any], name: str) -> list[Row]:
    rows = answer.get(name)
    if not isinstance(rows, list):
        raise Permanent(f"Zendesk's answer holds no {name!r}")
    return [row for row in rows if isinstance(row, dict)]
