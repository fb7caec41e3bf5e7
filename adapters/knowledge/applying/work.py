"""What the phases of a run share: the target, the documents that go there, what came of each action so far."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from adapters.knowledge.actions import Action
from adapters.knowledge.applying.patience import Halt, Patience
from adapters.knowledge.applying.tending import Lease
from adapters.knowledge.building import Publishing
from adapters.knowledge.shelf import Key, Shelf, Target, Wanted
from deskside.errors import Conflict, Permanent, TargetRefuses, Transient
from deskside.knowledge import bindings
from deskside.knowledge.bindings import Binding
from deskside.model.article import Filing
from deskside.ports import KnowledgeTarget
from deskside.store.database import reading, utc_now

DONE, SKIPPED, FAILED, LEFT = "done", "skipped", "failed", "left"
# A target that does not answer so often in a row is left alone until the next run.
SILENT = 3


class Skip(Exception):
    """This action is not right any more; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an action: done, skipped, failed or left, and why."""

    state: str
    reason: str = ""


@dataclass
class Work:
    """The run on one target. `made` are the articles made in this very run: nobody can have changed them yet."""

    database: sa.Engine
    publishing: Publishing
    target: KnowledgeTarget
    lease: Lease
    patience: Patience
    stopping: Callable[[], bool]
    plan: int | None
    results: dict[str, Result]
    progress: Callable[[], None]
    most_requests: int
    shelf: Shelf
    side: Target = field(init=False)
    wanted: Mapping[Key, Wanted] = field(init=False)
    bound: dict[Key, dict[str, Binding]] = field(init=False)
    sections: dict[tuple[str, ...], str] = field(default_factory=dict)
    made: set[Key] = field(default_factory=set)
    whole: set[Key] = field(default_factory=set)
    asked_before: int = 0
    silent: int = 0

    def __post_init__(self) -> None:
        self.asked_before = self.target.requests
        self.refresh()

    def refresh(self) -> None:
        """Read anew what is bound: links lead only to articles that are there."""
        with reading(self.database) as connection:
            found = bindings.of_target(connection, self.target.name)
        self.bound = {}
        for item in found:
            self.bound.setdefault((item.source, item.document), {})[item.language] = item
        there = {key for key, bound in self.bound.items() if self._linked(bound)}
        every = Target(self.shelf, self.target.name)
        self.side = Target(self.shelf, self.target.name, every.places.keys() - there)
        self.wanted = self.side.wanted()

    def reload(self, key: Key) -> None:
        """Read anew what is bound of one document."""
        with reading(self.database) as connection:
            found = bindings.of_document(connection, self.target.name, *key)
        self.bound[key] = {item.language: item for item in found}

    def article_id(self, key: Key) -> str:
        """The article of a document that is there and ours; empty when there is none."""
        known = self.bound.get(key, {})
        return next((item.article_id for item in known.values() if item.state in bindings.KEPT), "")

    def binding(self, key: Key, language: str) -> Binding | None:
        """The binding of a text whose article is there."""
        found = self.bound.get(key, {}).get(language)
        return found if found is not None and found.state in bindings.KEPT else None

    def address(self, source: str, document: str, language: str) -> str | None:
        """Where an article is on this target."""
        article_id = self._linked(self.bound.get((source, document), {}))
        return self.target.url(article_id, language) if article_id else None

    def _linked(self, bound: Mapping[str, Binding]) -> str:
        return next((item.article_id for item in bound.values() if item.state in bindings.THERE), "")

    def want(self, action: Action) -> Wanted:
        """The article of an action as it should be now. Raises Skip when that is not what was planned."""
        wanted = self.wanted.get((action.source, action.document))
        if wanted is None:
            raise Skip("it is not to stand here any more")
        text = wanted.texts.get(action.language)
        if action.language and (text is None or text.known.content_hash != action.content_hash):
            raise Skip("the document changed since the plan")
        if action.filed_hash and wanted.filed_hash != action.filed_hash:
            raise Skip("where it should stand changed since the plan")
        return wanted

    def filing(self, wanted: Wanted, labels_before: Iterable[str] = ()) -> Filing:
        """Where an article stands, in the target's words. Raises Permanent for a section that is not there."""
        place = wanted.place
        section = self.sections.get(place.section)
        if section is None:
            raise Permanent(f"the section {' / '.join(place.section)} is not there")
        return Filing(section, place.labels, tuple(labels_before), place.segment, place.position)

    def go_on(self) -> None:
        """Raise Halt where the run has to end between two items."""
        if self.stopping():
            raise Halt("the process ends")
        self.lease.check()
        if self.most_requests and self.target.requests - self.asked_before >= self.most_requests:
            raise Halt(f"the run has asked {self.most_requests} times, and more it may not")

    def each(self, actions: Iterable[Action], do: Callable[["Work", Action], bool]) -> None:
        """Do each action that nothing came of yet; what it answers is whether the action is done with that.

        An error of one is written down, and the next one done. Raises Halt and TargetRefuses.
        """
        for action in actions:
            if action.id in self.results:
                continue
            self.go_on()
            try:
                if do(self, action):
                    self.settle(action, Result(DONE))
                self.silent = 0
            except Skip as error:
                self.settle(action, Result(SKIPPED, str(error)))
            except Conflict as error:
                self.settle(action, Result(SKIPPED, str(error)))
            except TargetRefuses:
                raise
            except Permanent as error:
                self.settle(action, Result(FAILED, str(error)))
            except Transient as error:
                self.settle(action, Result(LEFT, str(error)))
                self.silent += 1
                if self.silent >= SILENT:
                    raise

    def settle(self, action: Action, result: Result) -> None:
        """Write down what came of an action."""
        self.results[action.id] = result
        self.progress()
        if action.binding is not None:
            error = result.reason if result.state == FAILED else ""
            with self.database.begin() as connection:
                bindings.change(connection, action.binding, utc_now(), error=error)
