"""What people do in the knowledge base of the simulated WHMCS: administrators in its forms, visitors on its pages."""

from collections.abc import Sequence

from deskside.demo.whmcs.knowledge.tables import Row, Tables, encoded, typed
from deskside.demo.whmcs.state import Json
from deskside.demo.whmcs.world import World


class KnowledgeHands:
    """The part of the simulated WHMCS that is about its knowledge base, named as the other simulated desk names it.

    `knowledge` holds the tables, and what a test may turn: `columns` (how long a text may be, utf8mb3, strictness),
    `language`, `languages`, `files_writable`, `request_bytes`. A `language` is one of WHMCS's names; None is the
    article's own.
    """

    world: World

    @property
    def knowledge(self) -> Tables:
        """The tables and their options."""
        return self.world.knowledge

    def add_category(self, name: str, parent_id: int = 0, hidden: bool = False) -> int:
        """A new category."""
        with self.world.state.lock:
            return self.knowledge.add_category(name, parent_id, hidden).id

    def add_article(
        self, category_id: int, title: str, body: str, *, private: bool = False, labels: Sequence[str] = ()
    ) -> int:
        """An article a person wrote, which the addon does not know."""
        with self.world.state.lock:
            row = self.knowledge.insert(encoded(title), body, private=private)
            self.knowledge.place(row.id, category_id)
            self.knowledge.tags += [(row.id, label) for label in labels]
            return row.id

    def translate_article(self, article_id: int, language: str, title: str, body: str) -> None:
        """A person's translation of an article."""
        with self.world.state.lock:
            private = self.knowledge.rows[article_id].private
            more = {"private": private, "parentid": article_id, "language": language}
            self.knowledge.insert(encoded(title), body, **more)

    def edit_article(
        self, article_id: int, language: str | None = None, *, title: str | None = None, body: str | None = None
    ) -> None:
        """An administrator changes an article in the form of WHMCS, whose database cuts what does not fit."""
        with self.world.state.lock:
            row = self._row(article_id, language)
            stored = row.title if title is None else encoded(title)
            self.knowledge.write(row, stored, row.article if body is None else body)

    def move_article(self, article_id: int, category_id: int) -> None:
        """An administrator files an article in another category."""
        with self.world.state.lock:
            self.knowledge.place(article_id, category_id)

    def label_article(self, article_id: int, *labels: str) -> None:
        """An administrator sets the tags of an article."""
        with self.world.state.lock:
            self.knowledge.tags = [pair for pair in self.knowledge.tags if pair[0] != article_id]
            self.knowledge.tags += [(article_id, label) for label in labels]

    def hide_article(self, article_id: int, private: bool = True) -> None:
        """An administrator ticks "private", or takes the tick away."""
        with self.world.state.lock:
            for row in [self.knowledge.rows[article_id], *self.knowledge.translations(article_id)]:
                row.private = private

    def delete_article(self, article_id: int) -> None:
        """An administrator deletes an article for good; the addon is not told."""
        with self.world.state.lock:
            self.knowledge.delete(article_id)

    def restore_article(self, article_id: int, category_id: int) -> None:
        """An administrator files an archived article in a category again and takes the tick away; its id stays."""
        with self.world.state.lock:
            self.world.knowledge_base.restore(article_id, category_id)

    def vote(self, article_id: int, up: bool = True) -> None:
        """A visitor says whether it helped."""
        with self.world.state.lock:
            row = self.knowledge.rows[article_id]
            row.votes += 1
            row.useful += up

    def article(self, article_id: int) -> Json:
        """An article as the addon shows it, archived ones too; and what it never touches: views, votes, useful."""
        with self.world.state.lock:
            row = self.knowledge.rows[article_id]
            counts = {"views": row.views, "votes": row.votes, "useful": row.useful}
            return {**self.world.knowledge_base.article(article_id), **counts}

    def articles(self) -> list[Json]:
        """All articles, archived ones too, oldest first."""
        with self.world.state.lock:
            return [self.article(row.id) for row in self.knowledge.rows.values() if row.parentid == 0]

    def place(self, article_id: int) -> list[str]:
        """The names of the categories down to the first one it stands in, ours too."""
        with self.world.state.lock:
            return path(self.knowledge, self.knowledge.categories_of(article_id)[0])

    def visible(self, article_id: int, language: str | None = None) -> bool:
        """Whether a visitor may read it, in this language."""
        with self.world.state.lock:
            spoken = language is None or self._find(article_id, language) is not None
            return self.knowledge.public(article_id) and spoken

    def shown(self, article_id: int, language: str | None = None) -> str:
        """What a visitor's browser gets of its body: all of it, raw."""
        with self.world.state.lock:
            return self._row(article_id, language).article

    def _find(self, article_id: int, language: str) -> Row | None:
        own = self.knowledge.own.get(article_id)
        if language == (own.language if own else self.knowledge.language):
            return self.knowledge.rows.get(article_id)
        rows = self.knowledge.translations(article_id)
        return next((row for row in rows if row.language == language), None)

    def _row(self, article_id: int, language: str | None) -> Row:
        row = self.knowledge.rows[article_id] if language is None else self._find(article_id, language)
        if row is None:
            raise KeyError(f"article {article_id} has no {language}")
        return row


def path(tables: Tables, category_id: int) -> list[str]:
    """The names on the way to a category."""
    names: list[str] = []
    while category_id in tables.categories and len(names) < len(tables.categories):
        names.insert(0, typed(tables.categories[category_id].name))
        category_id = tables.categories[category_id].parentid
    return names
