"""What a plan is made of: actions, and corrections of our own notes that need no plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What an earlier run began and did not end, because it was killed.
FINISH = "finish"
CREATE, UPDATE, FILE, OUTDATED, RESTORE = "create", "update", "file", "outdated", "restore"
ARCHIVE, UNPUBLISH = "archive", "unpublish"
DRIFT, CONFLICT, HELD = "drift", "conflict", "held"
REMOVED, REFUSED, UNROUTED = "removed", "refused", "unrouted"

# In the order in which people read them.
KINDS = (
    FINISH,
    CREATE,
    UPDATE,
    FILE,
    OUTDATED,
    RESTORE,
    UNPUBLISH,
    ARCHIVE,
    CONFLICT,
    DRIFT,
    HELD,
    REFUSED,
    REMOVED,
    UNROUTED,
)
# What apply does without asking anybody.
APPLIED = frozenset({FINISH, CREATE, UPDATE, FILE, OUTDATED, RESTORE, UNPUBLISH, ARCHIVE})
# What a person has to look at before anything more happens.
ASKING = frozenset({DRIFT, CONFLICT, HELD})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that should change on a target, or that nobody may change without a person.

    `would` is what a held action would be. `language` is that of the target, empty for the whole article. The hashes
    are those it was computed from: of the document's text as it should be (`source_hash`), as it was written last
    (`base_hash`), as the target has it (`target_hash`); `content_hash` is of the document alone, `filed_hash` of its
    filing. `seen` names both sides together: a decision is good for it. `numbered` says that it is held only until
    somebody says the exact number. `size` is in bytes. What leaves a target may have somebody that takes its readers:
    `moved_to` is the target, `heir` the document.
    `outdated` marks the translation. `diff` is what would change in the target, `source_diff` and `target_diff` what
    each side changed since the last writing: text as `deskside.markup.difference.Diff.text` prints it. `target_html`
    and its title are what the target has, where a person has to decide about it.
    """

    kind: str
    target: str
    source: str
    document: str
    language: str = ""
    title: str = ""
    section: tuple[str, ...] = ()
    reason: str = ""
    would: str = ""
    article_id: str = ""
    binding: int | None = None
    content_hash: str = ""
    source_hash: str = ""
    base_hash: str = ""
    target_hash: str = ""
    filed_hash: str = ""
    seen: str = ""
    numbered: bool = False
    outdated: bool = False
    moved_to: str = ""
    heir: str = ""
    size: int = 0
    size_limit: int | None = None
    warnings: tuple[str, ...] = ()
    diff: str = ""
    source_diff: str = ""
    target_diff: str = ""
    target_title: str = ""
    target_html: str = ""

    @property
    def id(self) -> str:
        """The same for the same thing in every plan."""
        what = "filing" if FILE in (self.kind, self.would) else "text" if self.language else "article"
        return "/".join((self.target, self.source, self.document, self.language or "-", what))


@dataclass(frozen=True, slots=True)
class Correction:
    """Columns of a binding that are to be set: our notes catch up with what is the case, nothing outside changes."""

    binding: int
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adoption:
    """An article that bears our marker and is not bound, or a text in it that is not."""

    source: str
    document: str
    language: str
    target: str
    article_id: str
    marker: str
