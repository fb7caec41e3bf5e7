"""Hands in the help centre, for tests and for the demonstration: what colleagues and readers do."""

from collections.abc import Sequence

from deskside.demo.zendesk import people
from deskside.demo.zendesk.guide import markup, shapes
from deskside.demo.zendesk.guide.state import Article, Brand, GuideState, Mail, Named, Tag
from deskside.demo.zendesk.state import Json, User
from deskside.demo.zendesk.world import World


class GuideHands:
    """The part of the simulated desk that is about its help centres. Nothing here counts as a request.

    `guide` holds all of it, and what a test may turn: `rewriting` and `editor_rewriting` (`none`, `mild`, `heavy`),
    `limits`, `guide_admin`, `enterprise`.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def guide(self) -> GuideState:
        """The help centres' state and options."""
        return self.world.guide

    @property
    def guide_mails(self) -> list[Mail]:
        """What followers were told of by mail, oldest first."""
        return list(self.guide.mails)

    def brand_url(self, brand_id: int | None = None) -> str:
        """Where a brand's help centre is served; the default one's is the account's."""
        return self._brand(brand_id).url

    def enable_locale(self, locale: str, brand_id: int | None = None) -> None:
        """One more language of a help centre."""
        with self.world.state.lock:
            locales = self._brand(brand_id).locales
            if locale not in locales:
                locales.append(locale)

    def add_category(self, name: str, locale: str | None = None, brand_id: int | None = None) -> int:
        """A new category."""
        with self.world.state.lock:
            given = {"name": name, "locale": locale}
            return self.world.help_center.create_category(self._brand(brand_id), given, self._colleague()).id

    def add_section(self, category_id: int, name: str, locale: str | None = None, parent_id: int | None = None) -> int:
        """A new section of a category, perhaps inside another section."""
        with self.world.state.lock:
            center = self.world.help_center
            given = {"name": name, "locale": locale, "parent_section_id": parent_id}
            return center.create_section(center.category(category_id), given, self._colleague()).id

    def translate(self, kind: str, key: int, locale: str, title: str, body: str = "", draft: bool = False) -> None:
        """A person's translation of one of the `articles`, `sections` or `categories`."""
        with self.world.state.lock:
            center = self.world.help_center
            find = {"articles": center.article, "sections": center.section, "categories": center.category}
            given = {"locale": locale, "title": title, "body": body, "draft": draft}
            center.add_translation(find[kind](key), given, self._colleague(), notify=False)

    def add_segment(self, name: str, user_type: str = "signed_in_users") -> int:
        """A new user segment, `signed_in_users` or `staff`."""
        with self.world.state.lock:
            row = Named(next(self.world.state.ids), name, self.world.state.clock(), False, user_type)
            self.guide.segments[row.id] = row
            return row.id

    def add_content_tag(self, name: str) -> str:
        """A new content tag."""
        with self.world.state.lock:
            now = self.world.state.clock()
            row = Tag(self.guide.new_ulid(), name, now, now)
            self.guide.tags[row.id] = row
            return row.id

    def add_content_block(self, html: str) -> str:
        """Content that several articles show; `insert_block` puts it into one."""
        with self.world.state.lock:
            key = self.guide.new_ulid()
            self.guide.blocks[key] = html
            return key

    def add_article(
        self,
        section_id: int,
        title: str,
        body: str,
        *,
        locale: str | None = None,
        labels: Sequence[str] = (),
        draft: bool = False,
        segment_id: int | None = None,
    ) -> int:
        """An article a person wrote in the editor, which tells nobody by mail."""
        with self.world.state.lock:
            center = self.world.help_center
            given = {
                "title": title,
                "body": body,
                "locale": locale,
                "label_names": list(labels),
                "draft": draft,
                "user_segment_id": segment_id,
                "permission_group_id": next(iter(self.guide.permission_groups)),
            }
            return center.create_article(center.section(section_id), given, self._colleague(), notify=False).id

    def edit_article(
        self,
        article_id: int,
        locale: str | None = None,
        *,
        title: str | None = None,
        body: str | None = None,
        draft: bool | None = None,
        outdated: bool | None = None,
    ) -> None:
        """A colleague changes an article in the editor, at least a second after its last edit."""
        with self.world.state.lock:
            center = self.world.help_center
            row = center.article(article_id)
            text = row.text(locale)
            given = {"title": title, "body": body, "draft": draft, "outdated": outdated}
            moment = center.later(text)
            center.update_translation(row, text.locale, given, self._colleague(), by_hand=True, at=moment)

    def insert_block(self, article_id: int, block_id: str, locale: str | None = None) -> None:
        """A colleague puts a content block at the end of an article."""
        with self.world.state.lock:
            center = self.world.help_center
            row = center.article(article_id)
            text = row.text(locale)
            text.edited_at = text.updated_at = row.updated_at = center.later(text)
            text.body += f"{{{{block:{block_id}}}}}"
            text.blocks.append(block_id)

    def archive_article(self, article_id: int) -> None:
        """A colleague archives an article."""
        with self.world.state.lock:
            self.world.help_center.archive(self.world.help_center.article(article_id))

    def restore_article(self, article_id: int) -> None:
        """A colleague brings an archived article back, which no program can; its id stays."""
        with self.world.state.lock:
            self.world.help_center.restore(self.guide.articles[article_id])

    def move_article(self, article_id: int, section_id: int) -> None:
        """A colleague moves an article to another section."""
        with self.world.state.lock:
            center = self.world.help_center
            center.update_article(center.article(article_id), {"section_id": section_id})

    def label_article(self, article_id: int, *labels: str) -> None:
        """A colleague sets the labels of an article."""
        with self.world.state.lock:
            center = self.world.help_center
            center.update_article(center.article(article_id), {"label_names": list(labels)})

    def vote(self, article_id: int, up: bool = True) -> None:
        """A reader's opinion."""
        with self.world.state.lock:
            self.world.help_center.vote(self.world.help_center.article(article_id), 1 if up else -1)

    def article(self, article_id: int, locale: str | None = None) -> Json:
        """An article as the API shows it, with its translations; and `archived`, for this shows archived ones too."""
        with self.world.state.lock:
            row = self.guide.articles[article_id]
            center = self.world.help_center
            more = {"archived": row.archived, "translations": shapes.translations(center, row)}
            return {**shapes.article(center, row, locale), **more}

    def articles(self, brand_id: int | None = None) -> list[Json]:
        """The articles of a brand that are not archived, oldest first."""
        with self.world.state.lock:
            return [self.article(row.id) for row in self.world.help_center.articles(self._brand(brand_id))]

    def place(self, article_id: int) -> list[str]:
        """Where an article stands: the titles of its category and its sections, outermost first."""
        with self.world.state.lock:
            section = self.guide.sections[self.guide.articles[article_id].section_id]
            names = [section.text().title]
            while section.parent_id is not None:
                section = self.guide.sections[section.parent_id]
                names.insert(0, section.text().title)
            return [self.guide.categories[section.category_id].text().title, *names]

    def visible(self, article_id: int, locale: str | None = None) -> bool:
        """Whether everybody may read the article in this language, without signing in."""
        with self.world.state.lock:
            row = self.guide.articles[article_id]
            return self.world.help_center.listed(row, locale or row.source_locale)

    def shown(self, article_id: int, locale: str | None = None) -> str:
        """The HTML a reader gets of an article's body, without what is unsafe."""
        with self.world.state.lock:
            return reader_html(self.world, self.guide.articles[article_id], locale)

    def _brand(self, brand_id: int | None) -> Brand:
        return self.guide.brands[brand_id] if brand_id is not None else self.guide.default_brand

    def _colleague(self) -> User:
        return colleague(self.world)


def colleague(world: World) -> User:
    """The person who edits by hand: the first of the staff that is no robot."""
    staff = [row for row in world.state.users.values() if row.is_staff and row.id != world.client.user_id]
    if staff:
        return staff[0]
    return people.new_user(world, "Greta Guide", "greta@desk.example", role="agent")


def reader_html(world: World, row: Article, locale: str | None = None) -> str:
    """A body as readers get it: cleaned, and with its media at the addresses of the article's attachments."""
    center, text = world.help_center, row.text(locale)
    return markup.shown(center.with_attachments(row, text, center.flat(text)))
