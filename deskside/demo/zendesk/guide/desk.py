"""What can be done in a help centre, whoever does it: the API, a person in the editor, a reader who votes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from deskside.demo.zendesk.errors import ApiError, not_found
from deskside.demo.zendesk.guide import markup
from deskside.demo.zendesk.guide.state import (
    Article,
    Attachment,
    Brand,
    Category,
    GuideState,
    Label,
    Mail,
    Node,
    Rewriting,
    Section,
    Translation,
)
from deskside.demo.zendesk.state import Json, State, User

METADATA = {
    "position": "position",
    "promoted": "promoted",
    "comments_disabled": "comments_disabled",
    "author_id": "author_id",
    "permission_group_id": "permission_group_id",
}
N = TypeVar("N", bound=Node)


def invalid(field: str, text: str, status: int = 400) -> ApiError:
    """The help centre's own shape of an error: texts by field."""
    return ApiError(status, {"errors": {field: [text]}})


class HelpCenter:
    """The operations on a `GuideState`; the caller holds the lock. Each checks everything, then changes everything."""

    def __init__(self, state: State, guide: GuideState) -> None:
        self.state = state
        self.guide = guide

    def brand(self, row: Node) -> Brand:
        """The brand whose help centre this is in."""
        return self.guide.brands[row.brand_id]

    def article(self, article_id: int, brand: Brand | None = None) -> Article:
        """An article that is not archived, of this brand if one is named. Raises ApiError 404."""
        return self._find(self.guide.articles, article_id, brand)

    def section(self, section_id: int, brand: Brand | None = None) -> Section:
        """A section. Raises ApiError 404."""
        return self._find(self.guide.sections, section_id, brand)

    def category(self, category_id: int, brand: Brand | None = None) -> Category:
        """A category. Raises ApiError 404."""
        return self._find(self.guide.categories, category_id, brand)

    def _find(self, rows: dict[int, N], key: int, brand: Brand | None) -> N:
        row = rows.get(key)
        if row is None or (brand is not None and row.brand_id != brand.id) or getattr(row, "archived", False):
            raise not_found()
        return row

    def articles(self, brand: Brand) -> list[Article]:
        """All that are not archived."""
        return [row for row in self.guide.articles.values() if row.brand_id == brand.id and not row.archived]

    def create_category(self, brand: Brand, given: Json, actor: User, locale: str | None = None) -> Category:
        """A new category."""
        row = Category(**self._node(brand, given, locale), position=len(self.guide.categories))
        self._place(row, given, actor, "name")
        self.guide.categories[row.id] = row
        return row

    def create_section(self, category: Category, given: Json, actor: User, locale: str | None = None) -> Section:
        """A new section of a category, perhaps inside another section of it."""
        brand = self.brand(category)
        siblings = sum(1 for row in self.guide.sections.values() if row.category_id == category.id)
        row = Section(**self._node(brand, given, locale), category_id=category.id, position=siblings)
        row.parent_id = self._parent(row, given.get("parent_section_id"), brand)
        self._place(row, given, actor, "name")
        self.guide.sections[row.id] = row
        return row

    def _node(self, brand: Brand, given: Json, locale: str | None) -> Json:
        now = self.state.clock()
        source = self._enabled(brand, given.get("locale") or locale or brand.default_locale)
        number = next(self.state.ids)
        return {"id": number, "brand_id": brand.id, "created_at": now, "updated_at": now, "source_locale": source}

    def _place(self, row: Node, given: Json, actor: User, title: str) -> None:
        text = {"title": given.get(title), "body": given.get("description") or ""}
        row.translations[row.source_locale] = self._translation(row, row.source_locale, text, actor)
        row.position = int(given["position"]) if given.get("position") is not None else row.position

    def _parent(self, row: Section, parent_id: Any, brand: Brand) -> int | None:
        if parent_id is None:
            return None
        if not self.guide.enterprise:
            raise invalid("parent_section_id", "sections in sections are not part of the plan")
        above = parent = self.section(int(parent_id), brand)
        depth = 2
        while above.parent_id is not None and above.id != row.id:
            above, depth = self.guide.sections[above.parent_id], depth + 1
        if parent.category_id != row.category_id or above.id == row.id or depth > self.guide.limits.section_depth:
            raise invalid("parent_section_id", "Parent section is invalid")
        return parent.id

    def update_node(self, row: Section | Category, given: Json, actor: User, locale: str | None = None) -> None:
        """Change a section or a category; name and description are those of `locale`, or else of the source."""
        text = row.text(locale)
        if isinstance(row, Section):
            if "parent_section_id" in given:
                row.parent_id = self._parent(row, given["parent_section_id"], self.brand(row))
            if given.get("category_id") is not None:
                row.category_id = self.category(int(given["category_id"]), self.brand(row)).id
            row.sorting = str(given.get("sorting") or row.sorting)
        text.title = str(given.get("name") or text.title)
        text.body = str(given.get("description", text.body) or "")
        row.position = int(given["position"]) if given.get("position") is not None else row.position
        text.updated_by = actor.id
        text.updated_at = row.updated_at = self.state.clock()

    def delete_section(self, row: Section) -> None:
        """Delete a section with those inside it; their articles are archived."""
        for inner in [item for item in self.guide.sections.values() if item.parent_id == row.id]:
            self.delete_section(inner)
        for article in self.guide.articles.values():
            if article.section_id == row.id:
                article.archived = True
        del self.guide.sections[row.id]

    def delete_category(self, row: Category) -> None:
        """Delete a category and all that is in it."""
        for section in [item for item in self.guide.sections.values() if item.category_id == row.id]:
            if section.id in self.guide.sections:
                self.delete_section(section)
        del self.guide.categories[row.id]

    def create_article(
        self, section: Section, given: Json, actor: User, locale: str | None = None, notify: bool = True
    ) -> Article:
        """A new article. Raises ApiError 400 without a permission group and without a word on who may read it."""
        brand = self.brand(section)
        texts = [dict(text) for text in given.get("translations") or [given]]
        if not (given.get("locale") or locale) and texts[0].get("locale"):
            locale = str(texts[0]["locale"])
        group = given.get("permission_group_id")
        if group is None or int(group) not in self.guide.permission_groups:
            raise invalid("permission_group_id", "permission_group_id is invalid or missing")
        if "user_segment_id" not in given and "user_segment_ids" not in given:
            raise invalid("user_segment_id", "Either user_segment_id or user_segment_ids must be specified")
        row = Article(**self._node(brand, given, locale), section_id=section.id, author_id=actor.id)
        self._metadata(row, given)
        for text in texts:
            language = self._enabled(brand, text.get("locale") or row.source_locale)
            if language in row.translations:
                raise invalid("locale", f"{language} has already been taken")
            text.setdefault("draft", given.get("draft", False))
            row.translations[language] = self._translation(row, language, text, actor)
        if row.source_locale not in row.translations:
            raise invalid("locale", f"a translation in the source locale {row.source_locale} must come first")
        self.guide.articles[row.id] = row
        for translation in row.translations.values():
            translation.unannounced = notify
            self._published(row, translation)
        return row

    def update_article(self, row: Article, given: Json) -> None:
        """Change metadata. Title, body and draft are passed over in silence: they are the translations'."""
        self._metadata(row, given)
        row.updated_at = self.state.clock()

    def _metadata(self, row: Article, given: Json) -> None:
        labels, tags = given.get("label_names"), given.get("content_tag_ids")
        limits = self.guide.limits
        if labels is not None and len(set(labels)) > limits.labels:
            raise invalid("label_names", f"an article has at most {limits.labels} labels")
        if tags is not None and (len(tags) > limits.tags or not set(tags) <= set(self.guide.tags)):
            raise invalid("content_tag_ids", "content_tag_ids is invalid")
        section = self.section(int(given.get("section_id") or row.section_id), self.brand(row))
        segments = self._segments(row, given)
        group = given.get("permission_group_id")
        if group is not None and int(group) not in self.guide.permission_groups:
            raise invalid("permission_group_id", "permission_group_id is invalid")
        for name, attribute in METADATA.items():
            if given.get(name) is not None:
                setattr(row, attribute, given[name])
        row.section_id, row.segments = section.id, segments
        if labels is not None:
            self._label(row, labels)
        row.tags = list(tags) if tags is not None else row.tags

    def _segments(self, row: Article, given: Json) -> list[int]:
        if "user_segment_ids" in given:
            wanted = [int(key) for key in given["user_segment_ids"] or []]
        elif "user_segment_id" in given:
            wanted = [int(given["user_segment_id"])] if given["user_segment_id"] is not None else []
        else:
            wanted = row.segments
        if not set(wanted) <= set(self.guide.segments):
            raise invalid("user_segment_id", "user_segment_id is invalid")
        return wanted

    def _label(self, row: Article, names: Iterable[str]) -> None:
        row.labels = list(dict.fromkeys(str(name).strip() for name in names if str(name).strip()))
        for name in row.labels:
            self.guide.labels.setdefault(name, Label(next(self.state.ids), name, self.state.clock()))

    def add_translation(
        self, row: Node, given: Json, actor: User, locale: str | None = None, notify: bool = True
    ) -> Translation:
        """A translation into a locale that has none yet. Raises ApiError 400 for one, or one that is not enabled."""
        language = self._enabled(self.brand(row), given.get("locale") or locale)
        if language in row.translations:
            raise invalid("locale", f"{language} has already been taken")
        text = self._translation(row, language, given, actor)
        row.translations[language] = text
        row.updated_at = text.updated_at
        if isinstance(row, Article):
            text.unannounced = notify
            self._published(row, text)
        return text

    def update_translation(
        self, row: Node, locale: str, given: Json, actor: User, *, by_hand: bool = False, at: datetime | None = None
    ) -> Translation:
        """Change a translation; what is the same as before is no change. `draft` takes a live text down at once."""
        text = row.translations.get(locale)
        if text is None:
            raise not_found()
        title = self._title(given["title"]) if given.get("title") is not None else text.title
        body, blocks = text.body, text.blocks
        if given.get("body") is not None:
            how = self.guide.editor_rewriting if by_hand else self.guide.rewriting
            body = self._body(row, str(given["body"]), how)
            blocks = markup.BLOCK.findall(body)
        draft = bool(given["draft"]) if given.get("draft") is not None else text.draft
        outdated = bool(given["outdated"]) if given.get("outdated") is not None else text.outdated
        edited = (title, body) != (text.title, text.body)
        if not edited and (draft, outdated) == (text.draft, text.outdated):
            return text
        moment = at or self.state.clock()
        text.title, text.body, text.blocks, text.draft, text.outdated = title, body, blocks, draft, outdated
        text.edited_at = moment if edited else text.edited_at
        text.updated_at = row.updated_at = moment
        text.updated_by = actor.id
        if isinstance(row, Article):
            self._published(row, text)
        return text

    def set_source(self, row: Node, locale: str) -> None:
        """Make another translation the source; it must be there already."""
        if locale not in row.translations:
            raise invalid("source_locale", f"there is no translation in {locale}")
        row.source_locale = locale
        row.updated_at = self.state.clock()

    def flat(self, text: Translation) -> str:
        """The body with the text of its content blocks in their places, as the API shows it."""
        return markup.BLOCK.sub(lambda found: self.guide.blocks.get(found.group(1), ""), text.body)

    def archive(self, row: Article) -> None:
        """What DELETE does, and what a person does: it is gone from all lists, and from the API altogether."""
        row.archived = True
        row.updated_at = self.state.clock()

    def restore(self, row: Article) -> None:
        """What only a person can do. The id stays."""
        if row.section_id not in self.guide.sections:
            raise not_found()
        row.archived = False
        row.updated_at = self.state.clock()

    def vote(self, row: Article, value: int) -> None:
        """A reader's opinion, 1 or -1; it moves `updated_at` and nothing of the text."""
        row.votes.append(value)
        row.updated_at = self.state.clock()

    def later(self, text: Translation) -> datetime:
        """When a person saves: no sooner than a second after the last edit, for stamps know only seconds."""
        return max(self.state.clock(), text.edited_at + timedelta(seconds=1))

    def _enabled(self, brand: Brand, locale: Any) -> str:
        found = str(locale or "").lower()
        if found not in brand.locales:
            raise invalid("locale", f"{found or 'locale'} is not enabled for this help center")
        return found

    def _translation(self, row: Node, locale: str, given: Json, actor: User) -> Translation:
        now = self.state.clock()
        return Translation(
            id=next(self.state.ids),
            locale=locale,
            title=self._title(given.get("title")),
            body=self._body(row, str(given.get("body") or ""), self.guide.rewriting),
            created_at=now,
            updated_at=now,
            edited_at=now,
            created_by=actor.id,
            updated_by=actor.id,
            draft=bool(given.get("draft")),
            outdated=bool(given.get("outdated")),
        )

    @staticmethod
    def _title(title: Any) -> str:
        found = str(title or "").strip()
        if not found:
            raise invalid("title", "title cannot be blank")
        if len(found) > 255:
            raise invalid("title", "title is too long (maximum is 255 characters)")
        return found

    def _body(self, row: Node, body: str, how: Rewriting) -> str:
        if not isinstance(row, Article):
            return body
        if len(body.encode()) > self.guide.limits.body_bytes:
            raise invalid("body", f"body is too long (maximum is {self.guide.limits.body_bytes} bytes)")
        return markup.rewritten(markup.stored(body), how, self.brand(row).url)

    def _published(self, row: Article, text: Translation) -> None:
        if text.draft:
            return
        self._attach(row, text)
        if text.unannounced:
            text.unannounced = False
            self.guide.mails.append(Mail(row.id, text.locale, self.state.clock()))

    def _attach(self, row: Article, text: Translation) -> None:
        """Media objects in a published body become attachments of the article, one for each translation."""
        keys = dict.fromkeys(found.group(1) for found in markup.MEDIA.finditer(text.body))
        if not keys:
            return
        known = {(item.media_id, item.locale) for item in self.attached(row)}
        for key in keys:
            media = self.guide.media_by_key(key)
            if media is not None and (media.id, text.locale) not in known:
                file = self.attach(row.brand_id, media.name, media.content_type, media_id=media.id)
                self.associate(row, file)
                file.inline, file.locale = True, text.locale
        if self.guide.rewriting == "heavy":
            text.body = self.with_attachments(row, text, text.body)

    def with_attachments(self, row: Article, text: Translation, body: str) -> str:
        """A body whose media are named by the addresses of the article's attachments, where it has them."""
        files = {item.media_id: item.id for item in self.attached(row) if item.locale == text.locale and item.media_id}
        keys = {media.access_key: files[media.id] for media in self.guide.medias.values() if media.id in files}
        return markup.MEDIA.sub(
            lambda found: f"/hc/article_attachments/{keys[found[1]]}" if found[1] in keys else found[0], body
        )

    def attached(self, row: Article) -> list[Attachment]:
        """The article's files, also those its body no longer shows."""
        return [item for item in self.guide.attachments.values() if item.article_id == row.id]

    def attach(self, brand_id: int, name: str, content_type: str, data: bytes = b"", media_id: str = "") -> Attachment:
        """A new file of no article yet."""
        if len(data) > self.guide.limits.file_bytes:
            raise invalid("file", f"is too large (maximum is {self.guide.limits.file_bytes} bytes)", 422)
        number = next(self.state.ids)
        file = Attachment(number, brand_id, name, content_type, self.state.clock(), media_id=media_id, data=data)
        self.guide.attachments[number] = file
        return file

    def associate(self, row: Article, file: Attachment) -> None:
        """Give a file to an article. Raises ApiError 400 when it has too many, or another article has the file."""
        if len(self.attached(row)) >= self.guide.limits.attachments:
            raise invalid("base", f"an article has at most {self.guide.limits.attachments} attachments")
        if file.article_id not in (None, row.id):
            raise invalid("attachment_ids", "the attachment belongs to another article")
        file.article_id = row.id

    def listed(self, row: Article, locale: str) -> bool:
        """Whether everybody may read the article in this language, without signing in."""
        text = row.translations.get(locale)
        return text is not None and not text.draft and not row.archived and not row.segments
