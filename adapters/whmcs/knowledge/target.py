"""The target: articles of WHMCS's knowledge base behind Deskside's port."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.whmcs.knowledge import reading
from adapters.whmcs.knowledge.endpoint import UNPACK, Endpoint
from adapters.whmcs.languages import Languages
from deskside.errors import DesksideError, Gone, Permanent
from deskside.markup import allowed
from deskside.model.article import Article, Filing, Limits, Text, Upload
from deskside.ports import CheckResult
from deskside.text import identifier

PAGE = 50
# WHMCS's own tick "Private": for clients who signed in.
CLIENTS = "clients"
_MOST_TAGS = 100
# What a request has besides the file in it.
_AROUND = 1024


class WhmcsKnowledge:
    """One WHMCS's knowledge base. `public` is where readers open WHMCS, without a slash at the end."""

    title = "WHMCS knowledge base"

    def __init__(self, name: str, endpoint: Endpoint, languages: Languages, public: str) -> None:
        self.name = name
        self._endpoint = endpoint
        self._languages = languages
        self._public = public

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._endpoint.sent

    @requests.setter
    def requests(self, value: int) -> None:
        self._endpoint.sent = value

    def limits(self) -> Limits:
        """By the columns of its database: old installs take 65,535 bytes and no emoji."""
        told = self._endpoint.read("describe")
        return Limits(
            body_bytes=told.get("article_bytes"),
            title_characters=told.get("title_characters"),
            labels=_MOST_TAGS,
            label_characters=int(told["tag_characters"]),
            asset_bytes=(int(told["request_bytes"]) - _AROUND) * 3 // 4,
            four_byte_characters=bool(told.get("four_byte_characters")),
        )

    def preflight(self, languages: Sequence[str]) -> Sequence[CheckResult]:
        """Is the addon there, what does its database take, and are these languages installed?"""
        name = f"{self.name}: WHMCS knowledge base"
        try:
            told = self._endpoint.read("describe")
        except DesksideError as error:
            return (CheckResult(name, False, str(error), UNPACK),)
        found = [CheckResult(name, True, f"addon {told.get('addon')} in WHMCS {told.get('whmcs')}")]
        found += [self._language(language, told) for language in languages]
        found.append(CheckResult(f"{self.name}: database", True, reading.database(told)))
        if not told.get("files_writable"):
            lost = "PHP cannot write into modules/addons/deskside, so articles with images or files are refused"
            found.append(CheckResult(f"{self.name}: files", True, lost))
        return tuple(found)

    def listing(self) -> Iterator[Article]:
        """Every article that is not archived, by its id."""
        after = 0
        while True:
            page = self._endpoint.read("list", after=after, limit=PAGE)
            for row in page["articles"]:
                yield self._article(row)
            if page["next"] is None:
                return
            if page["next"] <= after:
                raise Permanent("list: the pages of the listing do not go on")
            after = page["next"]

    def read(self, article_id: str) -> Article:
        """One article. Raises `Gone` when it was archived or deleted."""
        return self._article(self._endpoint.read("read", id=_number(article_id))["article"])

    def find(self, marker: str) -> str | None:
        """The id of the article that was made with this marker, archived ones too."""
        return identifier(self._endpoint.read("find", marker=marker)["id"])

    def sections(self) -> Mapping[tuple[str, ...], str]:
        """The categories by their paths; of two with the same path the older one."""
        return reading.paths(self._endpoint.read("categories")["categories"])

    def create_section(self, path: tuple[str, ...], language: str) -> str:
        """Make the categories of a path as far as they are missing. They have one name for all languages."""
        return str(self._endpoint.make("create_category", path=list(path))["id"])

    def create(self, marker: str, filing: Filing, text: Text) -> str:
        """Make a draft; the same marker again answers the article it was used for."""
        made = self._endpoint.make(
            "create", marker=marker, tags=list(filing.labels), **_place(filing), **self._body(text)
        )
        return str(made["id"])

    def write_text(self, article_id: str, text: Text) -> None:
        """Write one language. The article's first language shows or hides the whole, another one only itself."""
        self._endpoint.write("write", id=_number(article_id), draft=text.draft, **self._body(text))

    def file(self, article_id: str, marker: str, filing: Filing) -> None:
        """Move, tag and order it; a draft goes to its category once it is shown."""
        tags = {"tags": list(filing.labels), "tags_before": list(filing.labels_before)}
        self._endpoint.write("file", id=_number(article_id), **_place(filing), **tags)

    def archive(self, article_id: str) -> None:
        """Make it private and put it into a hidden category of ours."""
        self._endpoint.write("archive", id=_number(article_id))

    def upload(self, filename: str, content_type: str, content: bytes) -> Upload:
        """Take an image or a PDF; which it is, the addon tells by its bytes. The same bytes are the same file."""
        taken = self._endpoint.make("upload", content=base64.b64encode(content).decode())
        return Upload(reference=taken["name"], url=f"{self._public}/{taken['path']}")

    def url(self, article_id: str, language: str) -> str:
        """The address that works with every setting of "friendly URLs"; the reader's language is WHMCS's to choose."""
        return f"{self._public}/knowledgebase.php?action=displayarticle&id={article_id}"

    def redirect(self, article_id: str, to: str) -> bool:
        """WHMCS has no redirects."""
        return False

    def _article(self, row: Mapping[str, Any]) -> Article:
        return reading.article(row, self._languages, lambda article_id: self.url(article_id, ""), CLIENTS)

    def _body(self, text: Text) -> dict[str, Any]:
        # Themes print the body as it is stored, so it is cleaned here once more, whoever rendered it.
        html = allowed.clean(text.html).html
        language = self._languages.name(text.language)
        return {"language": language, "tag": text.language, "title": text.title, "html": html}

    def _language(self, language: str, told: Mapping[str, Any]) -> CheckResult:
        name = f"{self.name}: language {language}"
        try:
            called = self._languages.name(language)
        except DesksideError as error:
            return CheckResult(name, False, str(error), "set `languages` of the target")
        installed = told.get("languages") or []
        if installed and called not in installed:
            return CheckResult(name, False, f"{called} is not installed", "see the folder `lang` of WHMCS")
        return CheckResult(name, True, f"is {called}")


def _place(filing: Filing) -> dict[str, Any]:
    if filing.segment not in ("", CLIENTS):
        raise Permanent(f"WHMCS has no segment {filing.segment!r}: an article is for everybody, or for {CLIENTS!r}")
    section = identifier(filing.section)
    if section is None:
        raise Permanent("the section has no id of a category of WHMCS")
    return {"category": int(section), "private": filing.segment == CLIENTS, "order": filing.position}


def _number(article_id: str) -> int:
    found = identifier(article_id)
    if found is None:
        raise Gone("there is no such article: its id is not a number")
    return int(found)
