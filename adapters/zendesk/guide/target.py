"""Zendesk Guide as a target: what Deskside writes into a help centre, and how it finds it again.

Metadata goes by the article, text by its translations: an article's own PUT changes no text. Everything is made as a
draft, and only `write_text` shows it. Nobody who follows a section is mailed.
Sources: developer.zendesk.com, "Articles", "Translations", "Redirect Rules"; support.zendesk.com, "Knowledge product
limits".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema

from adapters.zendesk.client import Row
from adapters.zendesk.desk import NAME
from adapters.zendesk.guide import check
from adapters.zendesk.guide.api import HelpCenter, NotAllowed, NotOffered, made
from adapters.zendesk.guide.articles import (
    label_of,
    language_of,
    marker_of,
    read_article,
    read_labels,
    read_translations,
    segment_of,
    stamped,
    unstamped,
)
from adapters.zendesk.guide.catalogue import Catalogue
from adapters.zendesk.guide.media import MOST_BYTES, Media
from adapters.zendesk.guide.sections import create_section, read_tree
from adapters.zendesk.guide.settings import TargetSchema, public_url, reach
from adapters.zendesk.guide.storage import Storage
from deskside.errors import Gone, Permanent, TargetRefuses
from deskside.markup.allowed import clean
from deskside.model.article import Article, Filing, Limits, Text, Upload
from deskside.ports import CheckResult, Surface
from deskside.text import identifier

ARTICLES = "help_center/articles.json"
# One of the fifty labels is the marker.
LIMITS = Limits(
    body_bytes=1024 * 1024, title_characters=255, labels=49, asset_bytes=MOST_BYTES, articles_per_section=5000
)
REDIRECT_STATUS = 301
SCOPE = "hc:read hc:write"


class Labels(Enum):
    """Whether the plan has labels: `UNSEEN` is allowed as far as we know, but none was ever seen to stick."""

    STICK = "stick"
    UNSEEN = "unseen"
    REFUSED = "refused"


class GuideTarget:
    """One help centre."""

    def __init__(
        self,
        name: str,
        center: HelpCenter,
        account: HelpCenter,
        media: Media,
        public_url: str,
        options: Mapping[str, Any],
    ) -> None:
        """`account` is the account's own host, `center` that of the brand; they may be the same."""
        self.name = name
        self.title = f"Zendesk Guide ({urlsplit(public_url).netloc})"
        self._center = center
        self._account = account
        self._media = media
        self._public_url = public_url
        self._options = options
        self._catalogue = Catalogue(center, account)
        self._labels: Labels | None = None

    @property
    def requests(self) -> int:
        """How often the help centre was asked, whatever the answer."""
        return self._center.requests + (self._account.requests if self._account is not self._center else 0)

    def limits(self) -> Limits:
        """Guide's published limits, for it does not tell them; no label where the plan refuses them."""
        return LIMITS if self.has_labels() else replace(LIMITS, labels=0)

    def preflight(self, languages: Sequence[str]) -> Sequence[CheckResult]:
        """See `check.preflight`."""
        return check.preflight(
            self.name, self._center, self._account, self._catalogue, self._options, languages, self.has_labels
        )

    def listing(self) -> Iterator[Article]:
        """Every article with all its texts, a hundred a request."""
        for row in self._center.rows(ARTICLES, "articles", include="translations"):
            yield self._seen(row)

    def read(self, article_id: str) -> Article:
        """One article. Raises `Gone` when it was archived or deleted."""
        return self._seen(self._row(article_id))

    def find(self, marker: str) -> str | None:
        """By label where labels are known to stick, else also by the body of every article."""
        label = label_of(marker)
        labels = self._plan()
        if labels is not Labels.REFUSED:
            for row in self._center.rows(ARTICLES, "articles", label_names=label):
                if label in read_labels(row):
                    self._labels = Labels.STICK
                    return identifier(row.get("id"))
            if labels is Labels.STICK:
                return None
        found = (row for row in self._center.rows(ARTICLES, "articles", include="translations"))
        return next((identifier(row.get("id")) for row in found if _stamp_of(row) == marker), None)

    def sections(self) -> Mapping[tuple[str, ...], str]:
        """Sections by category, sections above, and name."""
        return read_tree(self._center).sections

    def create_section(self, path: tuple[str, ...], language: str) -> str:
        """Make a section, with the category and the sections above it where they are missing."""
        return create_section(self._center, path, language)

    def create(self, marker: str, filing: Filing, text: Text) -> str:
        """Make a draft that bears its marker twice until its text is written: as a label and in the body.

        Whether the plan lets labels stick shows only in the answer, and no answer may come.
        """
        label = label_of(marker)
        article: Row = {
            "title": text.title,
            "locale": language_of(text.language),
            "body": stamped(_safe(text.html), marker),
            "draft": True,
            "permission_group_id": self._catalogue.permission_group(self._options["permission_group"]),
            "user_segment_id": self._segment(filing),
        }
        if filing.position is not None:
            article["position"] = filing.position
        if self._options["content_tags"]:
            article["content_tag_ids"] = self._catalogue.content_tags(self._options["content_tags"])
        labels = _together((), (), filing.labels, label)
        path = f"help_center/sections/{_number(filing.section)}/articles.json"
        article_id, row = made(self._labelled("POST", path, article, labels), "article")
        self._labels = Labels.STICK if label in read_labels(row) else Labels.REFUSED
        return article_id

    def write_text(self, article_id: str, text: Text) -> None:
        """Write a translation, or add it where there is none of that language."""
        number, locale = _number(article_id), language_of(text.language)
        html = _safe(text.html)
        if self._plan() is not Labels.STICK:
            marker = self.read(article_id).marker
            html = stamped(html, marker) if marker and self._plan() is not Labels.STICK else html
        translation = {"title": text.title, "body": html, "draft": text.draft, "outdated": text.outdated}
        path = f"help_center/articles/{number}/translations"
        payload = {"translation": translation, "notify_subscribers": False}
        try:
            self._center.ask("PUT", f"{path}/{locale}.json", json=payload)
        except Gone:
            added = {"translation": {**translation, "locale": locale}, "notify_subscribers": False}
            self._center.ask("POST", f"{path}.json", json=added)

    def file(self, article_id: str, marker: str, filing: Filing) -> None:
        """Write section, labels, readers and order, if anything of it differs."""
        row = self._row(article_id)
        wanted: Row = {"section_id": _number(filing.section), "user_segment_id": self._segment(filing)}
        if filing.position is not None:
            wanted["position"] = filing.position
        if self._options["content_tags"]:
            there = [str(tag) for tag in row.get("content_tag_ids") or ()]
            ours = self._catalogue.content_tags(self._options["content_tags"])
            wanted["content_tag_ids"] = list(dict.fromkeys([*there, *ours]))
        labels = _together(read_labels(row), filing.labels_before, filing.labels, label_of(marker))
        changes = {key: value for key, value in wanted.items() if not _same(row, key, value)}
        if not changes and (set(labels) == set(read_labels(row)) or self._plan() is Labels.REFUSED):
            return
        self._labelled("PUT", f"help_center/articles/{_number(article_id)}.json", changes, labels)

    def archive(self, article_id: str) -> None:
        """Archive it; people bring it back in Guide, with its id."""
        try:
            self._center.ask("DELETE", f"help_center/articles/{_number(article_id)}.json")
        except Gone:
            return

    def upload(self, filename: str, content_type: str, content: bytes) -> Upload:
        """Put a file into the media library."""
        return self._media.upload(filename, content_type, content)

    def url(self, article_id: str, language: str) -> str:
        """The address without the slug, which Guide adds by itself."""
        return f"{self._public_url}/hc/{language_of(language)}/articles/{article_id}"

    def redirect(self, article_id: str, to: str) -> bool:
        """Set a rule for each language; false where the plan has none or we are no Guide admin.

        Setting a rule again changes it, so an unknown outcome is tried again.
        """
        for language in self._catalogue.languages():
            rule = {
                "redirect_from": f"/hc/{language}/articles/{_number(article_id)}",
                "redirect_to": to,
                "redirect_status": REDIRECT_STATUS,
            }
            try:
                self._center.ask("POST", "guide/redirect_rules", json={"redirect_rule": rule})
            except (NotAllowed, NotOffered):
                return False
        return True

    def has_labels(self) -> bool:
        """Whether labels may be used, as far as can be told."""
        return self._plan() is not Labels.REFUSED

    def _row(self, article_id: str) -> Row:
        number = _number(article_id)
        row = self._center.get(f"help_center/articles/{number}.json", "article", include="translations")
        if not isinstance(row.get("translations"), list):
            path = f"help_center/articles/{number}/translations.json"
            row = {**row, "translations": list(self._center.rows(path, "translations"))}
        return row

    def _seen(self, row: Row) -> Article:
        article = read_article(row, self._options["hands_off"])
        if marker_of(read_labels(row)):
            self._labels = Labels.STICK
        elif article.marker and self._labels is not Labels.STICK:
            # It was made with a label.
            self._labels = Labels.REFUSED
        return article

    def _plan(self) -> Labels:
        if self._labels is None:
            self._labels = self._look_for_labels()
        return self._labels

    def _look_for_labels(self) -> Labels:
        try:
            answer = self._center.ask("GET", "help_center/articles/labels.json", params={"page[size]": "1"})
        except (NotAllowed, NotOffered):
            return Labels.REFUSED
        return Labels.STICK if answer.get("labels") else Labels.UNSEEN

    def _labelled(self, method: str, path: str, article: Row, labels: Sequence[str]) -> Row:
        """Send with labels where the plan may have them; where none was ever seen, a refusal is tried without."""
        without = {"article": article, "notify_subscribers": False}
        if self._plan() is Labels.REFUSED:
            return self._center.ask(method, path, json=without)
        labelled = {"article": {**article, "label_names": list(labels)}, "notify_subscribers": False}
        try:
            return self._center.ask(method, path, json=labelled)
        except Permanent as error:
            final = isinstance(error, Gone) or (isinstance(error, TargetRefuses) and not isinstance(error, NotAllowed))
            if final or self._plan() is Labels.STICK:
                raise
        answer = self._center.ask(method, path, json=without)
        self._labels = Labels.REFUSED
        return answer

    def _segment(self, filing: Filing) -> int | None:
        return self._catalogue.segment(filing.segment or self._options["segment"])


def _safe(html: str) -> str:
    """Guide stores what is unsafe and themes may show it, so nothing of it leaves us, whoever made the text."""
    return clean(html).html


def _number(value: str) -> int:
    found = identifier(value)
    if found is None:
        raise Gone("there is no such article or section: its id is not a number")
    return int(found)


def _together(present: Sequence[str], before: Sequence[str], ours: Sequence[str], marker: str) -> list[str]:
    """The labels an article should have: other people's, ours, and the marker."""
    others = [label for label in present if label not in before]
    return list(dict.fromkeys([*others, *ours, marker]))


def _same(row: Row, key: str, value: Any) -> bool:
    if key == "user_segment_id":
        return segment_of(row) == ("" if value is None else str(value))
    if key == "content_tag_ids":
        return [str(tag) for tag in row.get(key) or ()] == list(value)
    return str(row.get(key)) == str(value)


def _stamp_of(row: Row) -> str:
    marks = (unstamped(str(text.get("body") or ""))[1] for text in read_translations(row))
    return next(filter(None, marks), "")


class GuideTargetPlugin:
    """Entry point `deskside.knowledge_targets: zendesk`."""

    name = NAME
    schema: type[Schema] = TargetSchema

    def build(self, name: str, settings: Mapping[str, Any], surface: Surface) -> GuideTarget:
        """The help centre of the section `[knowledge.targets.NAME]`. Raises ConfigurationError."""
        center, account = reach(f"knowledge.targets.{name}", settings, surface, SCOPE)
        media = Media(center, Storage(center.url, surface.guard))
        return GuideTarget(name, center, account, media, public_url(settings, center), settings)
