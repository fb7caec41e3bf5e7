"""What the help centres know: plain mutable records, read and written under the lock of the account's state."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from deskside.demo.zendesk.state import Clock, ulid

MEBIBYTE = 1024 * 1024

Rewriting = Literal["none", "mild", "heavy"]


@dataclass
class Brand:
    """A brand with a help centre of its own, at its own address; `locales` are the enabled ones, the default first."""

    id: int
    name: str
    subdomain: str
    created_at: datetime
    locales: list[str] = field(default_factory=lambda: ["en-us"])
    default: bool = False
    url: str = ""

    @property
    def default_locale(self) -> str:
        """The locale of a help centre without a choice."""
        return self.locales[0]


@dataclass
class Translation:
    """One language of an article, a section or a category; those two call the body their description.

    `blocks` are the content blocks an editor put in: the API shows their text in the body's `{{block:ID}}`.
    `unannounced` is true until followers were told of it.
    """

    id: int
    locale: str
    title: str
    body: str
    created_at: datetime
    updated_at: datetime
    edited_at: datetime
    created_by: int
    updated_by: int
    draft: bool = False
    outdated: bool = False
    blocks: list[str] = field(default_factory=list)
    unannounced: bool = False


@dataclass
class Node:
    """What articles, sections and categories have in common."""

    id: int
    brand_id: int
    created_at: datetime
    updated_at: datetime
    source_locale: str
    translations: dict[str, Translation] = field(default_factory=dict)
    position: int = 0

    def text(self, locale: str | None = None) -> Translation:
        """The translation into `locale`, or else the source."""
        return self.translations.get(locale or self.source_locale) or self.translations[self.source_locale]


@dataclass
class Category(Node):
    """The top of the tree."""


@dataclass
class Section(Node):
    """A section; `parent_id` is the section it stands in."""

    category_id: int = 0
    parent_id: int | None = None
    sorting: str = "manual"


@dataclass
class Article(Node):
    """An article. `segments` say who may read it, none of them is everybody; an archived one is nowhere but here."""

    section_id: int = 0
    author_id: int = 0
    permission_group_id: int = 0
    segments: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    promoted: bool = False
    comments_disabled: bool = False
    votes: list[int] = field(default_factory=list)
    archived: bool = False


@dataclass
class Label:
    """A label as the list of labels shows it."""

    id: int
    name: str
    created_at: datetime


@dataclass
class Named:
    """A user segment, a permission group."""

    id: int
    name: str
    created_at: datetime
    built_in: bool = False
    user_type: str = "staff"


@dataclass
class Tag:
    """A content tag; its id is a ULID."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass
class Upload:
    """A place for bytes that was asked for; `headers` must come with them as they were given out."""

    id: str
    content_type: str
    size: int
    signature: str
    headers: dict[str, str]
    created_at: datetime
    data: bytes | None = None
    used: bool = False


@dataclass
class Media:
    """A file of the media library, for staff only. Bodies name it by its access key."""

    id: str
    access_key: str
    name: str
    content_type: str
    data: bytes = field(repr=False)
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def url(self) -> str:
        """How bodies name it."""
        return f"/guide-media/{self.access_key}"


@dataclass
class Attachment:
    """A file of an article, or of none yet; one made of a media object has its id and no bytes of its own."""

    id: int
    brand_id: int
    file_name: str
    content_type: str
    created_at: datetime
    article_id: int | None = None
    inline: bool = False
    locale: str | None = None
    media_id: str = ""
    data: bytes = field(default=b"", repr=False)


@dataclass
class Redirect:
    """A redirect rule, in force where the address it is from leads nowhere."""

    id: str
    brand_id: int
    source: str
    target: str
    status: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Mail:
    """Followers were told of an article."""

    article_id: int
    locale: str
    at: datetime


@dataclass
class GuideLimits:
    """How much a help centre takes."""

    body_bytes: int = MEBIBYTE
    labels: int = 50
    label_filter: int = 10
    tags: int = 25
    attachments: int = 500
    file_bytes: int = 20 * MEBIBYTE
    bulk: int = 20
    section_depth: int = 5
    redirects: int = 50_000
    guide_page: int = 30
    incremental_page: int = 1000
    upload_seconds: int = 3600


@dataclass
class GuideState:
    """All brands' help centres.

    `rewriting` is what becomes of the HTML of a body that a program writes, `editor_rewriting` of one a person saves
    in the editor. `guide_admin` false is a token whose owner is none; `enterprise` allows sections in sections.
    """

    clock: Clock
    limits: GuideLimits = field(default_factory=GuideLimits)
    rewriting: Rewriting = "none"
    editor_rewriting: Rewriting = "none"
    guide_admin: bool = True
    enterprise: bool = True
    brands: dict[int, Brand] = field(default_factory=dict)
    categories: dict[int, Category] = field(default_factory=dict)
    sections: dict[int, Section] = field(default_factory=dict)
    articles: dict[int, Article] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    segments: dict[int, Named] = field(default_factory=dict)
    permission_groups: dict[int, Named] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    medias: dict[str, Media] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    redirects: dict[str, Redirect] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)

    @property
    def default_brand(self) -> Brand:
        """The brand of the account's own address."""
        return next(brand for brand in self.brands.values() if brand.default)

    def media_by_key(self, access_key: str) -> Media | None:
        """The media object that bodies name so."""
        return next((row for row in self.medias.values() if row.access_key == access_key), None)

    def new_ulid(self) -> str:
        """A new ULID, by the account's time."""
        return ulid(self.clock())


def slug(title: str) -> str:
    """What follows an id in an address: the title's words."""
    return "-".join(re.findall(r"\w+", title))


def without_slug(path: str) -> str:
    """The path of a page without what follows its id: any slug leads to the page."""
    return re.sub(r"^(/hc/[\w-]+/(?:articles|sections|categories)/\d+).*$", r"\1", path)
