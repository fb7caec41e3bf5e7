"""Whatever authors, colleagues and networks do, in whatever order: the promises of publishing hold."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.knowledge import actions
from adapters.knowledge.settings import Route
from adapters.knowledge.shelf import marker
from deskside.errors import Permanent, Transient
from deskside.knowledge import decisions
from deskside.store.database import utc_now
from tests.adapters.knowledge.world import QUICK, World
from tests.databases import migrated_sqlite, open_careless
from tests.doubles.knowledge import SILENCE, once

NAMES = [f"d{number}" for number in range(5)]
names = st.sampled_from(NAMES)
words = st.sampled_from(["one", "two", "three"])
LABELS = {"guide": ["help"], "billing": ["money"], "both": ["help", "money"], "nowhere": []}
ROUTES = (
    Route(target="guide", section=("Help",), label="help"),
    Route(target="billing", section=("Pay",), label="money"),
)


class Publishing(RuleBasedStateMachine):
    """Authors write, colleagues edit by hand, listings lie, answers get lost; the clock looks and applies."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        database = open_careless(migrated_sqlite(self.folder / "deskside.db"))
        # Enough to let single documents go; the limit has tests of its own.
        guard = replace(QUICK, archive_least=50, archive_most=50)
        self.world = World(database, routes=ROUTES, guard=guard)
        self.shop = self.world.shop
        # Texts that people wrote over ours and nobody has decided about, by article.
        self.by_hand: dict[str, str] = {}
        self.removed: set[str] = set()
        self.brought_back: set[str] = set()
        self.numbers = 0

    def teardown(self) -> None:
        try:
            self.converges()
        finally:
            self.world.database.dispose()
            shutil.rmtree(self.folder)

    @rule(name=names, word=words, where=st.sampled_from(sorted(LABELS)), link=names)
    def an_author_writes(self, name: str, word: str, where: str, link: str) -> None:
        html = f'<h2>{word}</h2><p>See <a href="doc:{link}">{link}</a>.</p>'
        self.shop.write(name, f"{name} {word}", html, labels=LABELS[where])

    @rule(name=names)
    def an_author_deletes(self, name: str) -> None:
        self.shop.erase(name)

    @rule(hidden=st.lists(names, max_size=5))
    def a_listing_leaves_out(self, hidden: list[str]) -> None:
        self.shop.put("listing", "hidden", hidden)

    @precondition(lambda self: self.shop.articles())
    @rule(data=st.data(), word=words)
    def a_colleague_edits(self, data: st.DataObject, word: str) -> None:
        article = data.draw(st.sampled_from(sorted(self.shop.articles())))
        self.numbers += 1
        html = f"<p>{word} by hand, number {self.numbers}</p>"
        self.shop.edit(article, html)
        self.by_hand[article] = html

    @precondition(lambda self: self.shop.articles())
    @rule(data=st.data())
    def a_colleague_removes(self, data: st.DataObject) -> None:
        article = data.draw(st.sampled_from(sorted(self.shop.articles())))
        self.shop.change(article, archived=True)
        self.removed.add(article)
        self.by_hand.pop(article, None)

    @precondition(lambda self: self.removed)
    @rule(data=st.data())
    def a_colleague_brings_back(self, data: st.DataObject) -> None:
        article = data.draw(st.sampled_from(sorted(self.removed)))
        self.shop.change(article, archived=False)
        self.removed.discard(article)
        self.brought_back.add(article)

    @rule(
        what=st.sampled_from(["create", "write", "file", "archive", "read", "list articles", "list", "read document"]),
        when=st.sampled_from(["before", "after"]),
        nth=st.integers(1, 3),
        error=st.sampled_from([SILENCE, Transient("busy", retry_after=0.0), Permanent("refused")]),
    )
    def something_will_go_wrong(self, what: str, when: str, nth: int, error: Exception) -> None:
        # A refusal comes instead of acting; only silence may hide that something was done.
        self.shop.fault = once(error, what, when if error is SILENCE else "before", nth)

    @rule()
    def the_clock_looks(self) -> None:
        self.run()

    @rule(decision=st.sampled_from([decisions.RESTORE, decisions.KEEP]))
    def a_person_decides(self, decision: str) -> None:
        asking = [action for action in self.world.plan().actions if action.kind in (actions.DRIFT, actions.CONFLICT)]
        if not asking or asking[0].binding is None:
            return
        with self.world.database.begin() as connection:
            decisions.decide(connection, asking[0].binding, decision, asking[0].seen, "anna", utc_now())
        self.by_hand.pop(asking[0].article_id, None)

    def run(self) -> None:
        before = {name for name, item in self.shop.all("article").items() if item["archived"]}
        self.world.apply()
        after = {name: item for name, item in self.shop.all("article").items() if item["archived"]}
        for article in after.keys() - before:
            assert article not in self.by_hand, "what a colleague wrote was archived unseen"
            standing = [name for name in NAMES if self.is_wanted(name, after[article]["target"])]
            markers = {self.marker(name, after[article]["target"]) for name in standing}
            assert after[article]["marker"] not in markers, "what the source has was archived"

    def is_wanted(self, name: str, target: str) -> bool:
        found = self.shop.get("document", name)
        label = {"guide": "help", "billing": "money"}[target]
        return found is not None and label in found["texts"]["en"]["labels"]

    def marker(self, name: str, target: str) -> str:
        return marker("handbook", name, target)

    @invariant()
    def nothing_is_made_twice(self) -> None:
        # But for one that a colleague brought back after it was made anew.
        standing = self.shop.articles().items()
        markers = [item["marker"] for name, item in standing if name not in self.brought_back]
        assert len(markers) == len(set(markers))

    @invariant()
    def what_a_colleague_wrote_stands_until_somebody_decides(self) -> None:
        for article, html in self.by_hand.items():
            found = self.shop.get("article", article)
            if not found["archived"]:
                assert found["texts"]["en"]["html"] == html

    def converges(self) -> None:
        self.shop.fault = lambda *_: None
        self.shop.put("listing", "hidden", [])
        for _ in range(6):
            self.run()
        plan = self.world.plan()
        left = [action for action in plan.actions if action.kind in actions.APPLIED | {actions.REFUSED}]
        assert not left, (left, self.world.apply(plan).results)
        asked = {(action.target, action.document) for action in plan.actions}
        shown = {(item["target"], item["marker"]): item for item in self.shop.articles().values()}
        for name in NAMES:
            for target in ("guide", "billing"):
                if not self.is_wanted(name, target) or (target, name) in asked:
                    continue
                text = shown[target, self.marker(name, target)]["texts"]["en"]
                with_hands = "by hand" in text["html"]
                assert with_hands or text["title"] == self.shop.get("document", name)["texts"]["en"]["title"]


TestPublishing = Publishing.TestCase
TestPublishing.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
