"""The three-way comparison of one text: what we wrote last, what the source has now, what the target has now. Pure."""

from dataclasses import dataclass

from adapters.knowledge import actions
from adapters.knowledge.actions import Correction
from adapters.knowledge.settings import RESTORE
from adapters.knowledge.shelf import Wanted, WantedText
from adapters.knowledge.subject import (
    Found,
    Seen,
    Subject,
    about,
    about_text,
    filed_as,
    look,
    moved,
    read_back,
    seen_both,
)
from deskside.knowledge import bindings, decisions
from deskside.knowledge.bindings import Binding
from deskside.markup.meaning import semantic_hash
from deskside.model.article import Article, ArticleText

NOTHING, UPDATE, DRIFT, CONFLICT, SAME = "nothing", "update", "drift", "conflict", "same"


@dataclass(frozen=True, slots=True)
class Sides:
    """One language: as it should be (`want`), as it was written last (`binding`), as the target has it (`text`)."""

    subject: Subject
    wanted: Wanted
    want: WantedText
    binding: Binding
    article: Article
    text: ArticleText
    seen: Seen

    @property
    def leads(self) -> bool:
        """Whether this is the language that the filing of the article goes with."""
        return self.want.language == self.wanted.first

    @property
    def refiled(self) -> bool:
        """Whether the article should stand elsewhere than where it was put last."""
        return self.leads and self.binding.filed_hash != self.wanted.filed_hash

    @property
    def name(self) -> str:
        """The name of both sides together: what a decision is good for."""
        filed = self.wanted.filed_hash if self.leads else ""
        return seen_both(self.want.text_hash, filed, self.seen, self.article)

    @property
    def decided(self) -> str:
        """What a person decided about just these two sides."""
        return self.binding.decision if self.binding.decided_hash == self.name else ""

    @property
    def same(self) -> bool:
        """Whether what would be written means what is there already."""
        return semantic_hash(*self.subject.written(self.want)) == self.seen.hash

    def correct(self, found: Found, values: dict[str, object]) -> None:
        """Let our notes catch up."""
        found.corrections.append(Correction(self.binding.id, values))

    def act(self, found: Found, kind: str, reason: str) -> None:
        """Plan an action about this text."""
        language = self.want.language
        found.actions.append(
            about_text(self.subject, self.wanted, language, kind, reason, self.binding, self.seen, self.name)
        )

    def file(self, found: Found, reason: str) -> None:
        """Plan to file the article anew."""
        filed = self.wanted.filed_hash
        action = about(self.subject, actions.FILE, reason, binding=self.binding.id, filed_hash=filed, seen=self.name)
        found.actions.append(action)


def sides(
    subject: Subject, wanted: Wanted, language: str, binding: Binding, article: Article, text: ArticleText
) -> Sides:
    """All sides of one language."""
    seen = look(binding, text, subject.base)
    return Sides(subject, wanted, wanted.texts[language], binding, article, text, seen)


def three_way(source_changed: bool, target_changed: bool, same: bool) -> str:
    """What is to be done about a text; `same` is whether source and target now mean the same."""
    if not target_changed:
        return UPDATE if source_changed else NOTHING
    if same:
        return SAME
    return CONFLICT if source_changed else DRIFT


def compare_text(text: Sides, found: Found) -> None:
    """Everything that should happen to one text, and with the leading one to where its article stands."""
    refiled, away = text.refiled, moved(text.binding, text.article) if text.leads else ""
    if away and refiled and text.subject.filed(text.wanted, text.article):
        # By us, and we were killed before we noted it; or by somebody who wanted the same.
        text.correct(found, filed_as(text.wanted, text.article))
        refiled, away = False, ""
    if not text.binding.rendered_hash:
        _unfinished(text, found)
        return
    rewritten = text.binding.rendered_hash != text.want.text_hash
    kept = text.binding.decision == decisions.KEEP
    target_changed, source_changed = text.seen.changed or bool(away), rewritten or refiled
    alike = text.want.draft == text.text.draft and not away
    same = target_changed and source_changed and alike and text.same
    result = three_way(source_changed, target_changed or (kept and rewritten), same)
    if result in (DRIFT, CONFLICT):
        _disagree(text, away, result, found)
        return
    if result == SAME:
        text.correct(found, _base(text))
        rewritten = False
    elif text.seen.hash != text.binding.readback_hash or text.text.edited_at != text.binding.edited_at:
        text.correct(found, {"edited_at": text.text.edited_at, "readback_hash": text.seen.hash})
    if rewritten:
        text.act(found, actions.UPDATE, _changed(text))
    if refiled:
        text.file(found, "section, labels, readers or order changed")


def _unfinished(text: Sides, found: Found) -> None:
    """A text of which we do not know that we have written it: our own unfinished work, or somebody's."""
    blank = not text.text.html.strip()
    ours = bool(text.binding.readback_hash) and not text.seen.changed
    same = blank or ours or text.same
    if same and not blank and text.text.draft == text.want.draft:
        state = bindings.DRAFT if text.text.draft else bindings.LIVE
        text.correct(found, {**_base(text), "state": state})
        if text.refiled:
            text.file(found, "it bears our marker, and its filing is not known")
    elif same or text.decided == decisions.RESTORE:
        text.act(found, actions.CREATE, "its making was not finished")
        if same and not blank and text.binding.readback_hash != text.seen.hash:
            text.correct(found, read_back(text.text))
    elif text.decided == decisions.KEEP:
        text.correct(found, _accepted(text))
    else:
        text.act(found, actions.CONFLICT, "the target has a text of which nobody knows that we wrote it")


def _disagree(text: Sides, away: str, result: str, found: Found) -> None:
    """The target has what we did not write: a person decides, or has decided."""
    if text.decided == decisions.KEEP:
        text.correct(found, _accepted(text))
        return
    why = " and ".join(filter(None, (text.seen.why, away))) or "somebody decided to keep what the target has"
    if result == CONFLICT:
        why += f", and {_changed(text)}"
    if text.decided == decisions.RESTORE:
        kind, why = actions.RESTORE, f"{why}; somebody decided to restore it"
    elif result == DRIFT and text.subject.drift == RESTORE:
        kind = actions.RESTORE
    else:
        kind = actions.DRIFT if result == DRIFT else actions.CONFLICT
    text.act(found, kind, why)


def _base(text: Sides) -> dict[str, object]:
    """The columns of a binding whose text in the target means what would be written."""
    return {
        **read_back(text.text),
        "content_hash": text.want.known.content_hash,
        "rendered_hash": text.want.text_hash,
        "decision": "",
        "decided_hash": "",
    }


def _accepted(text: Sides) -> dict[str, object]:
    """The columns of a binding whose target's text was accepted: no drift until one of the sides changes again."""
    return {
        **_base(text),
        **filed_as(text.wanted, text.article),
        "decision": decisions.KEEP,
        "state": bindings.DRAFT if text.text.draft else bindings.LIVE,
    }


def _changed(text: Sides) -> str:
    want, binding = text.want, text.binding
    if binding.rendered_hash == bindings.STALE:
        return "an address in it has changed"
    if binding.content_hash != want.known.content_hash:
        return "the document changed"
    if (binding.state == bindings.DRAFT) != want.draft:
        return "it is to be hidden" if want.draft else "it is to be shown"
    return "it is converted or linked in another way"
