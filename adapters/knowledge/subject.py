"""One article of one target from all three sides: what was written last, what source and target have now. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.knowledge.actions import Action, Adoption, Correction
from adapters.knowledge.shelf import Wanted, WantedText, digest
from deskside.knowledge import bindings
from deskside.knowledge.bindings import Binding
from deskside.markup.meaning import semantic_hash
from deskside.model.article import Article, ArticleText

GONE, UNCLEAR = "gone", "unclear"
MISSING, MOVED, UNROUTED = "missing", "moved", "unrouted"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Why an article is not wanted: missing at its source, moved to another target, or no rule names it any more.

    `moved_to` and `heir` are target and document that take its readers, empty where nobody does.
    """

    cause: str
    moved_to: str = ""
    heir: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One article of one target, from all three sides.

    `wanted` is None with `leaving`. `article` None is `absent`: gone (the target says so), or unclear. `base` is title
    and HTML as they were read back after the last writing, by binding; `written` the title and HTML that would be
    written now in a language; `filed` whether an article stands where it should already.
    """

    target: str
    source: str
    document: str
    marker: str
    title: str
    bindings: Mapping[str, Binding]
    article: Article | None
    wanted: Wanted | None = None
    leaving: Leaving | None = None
    absent: str = GONE
    drift: str = "warn"
    base: Callable[[int], tuple[str, str]] = lambda binding: ("", "")
    written: Callable[[WantedText], tuple[str, str]] = lambda text: ("", "")
    filed: Callable[[Wanted, Article], bool] = lambda wanted, article: False


@dataclass
class Found:
    """What a comparison came to. `again` asks for another look once the corrections are made."""

    actions: list[Action] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    adoptions: list[Adoption] = field(default_factory=list)
    again: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a target has of one text: its hash, and whether it is another than the one read back."""

    hash: str
    changed: bool
    hidden: bool
    why: str = ""


def look(binding: Binding, text: ArticleText, base: Callable[[int], tuple[str, str]]) -> Seen:
    """What a target has, beside what was read back after the last writing."""
    hidden = text.draft
    moved = _visibility(binding, hidden)
    if text.edited_at == binding.edited_at and binding.readback_hash:
        return Seen(binding.readback_hash, bool(moved), hidden, moved)
    found = semantic_hash(text.title, text.html)
    changed = found != binding.readback_hash
    if changed and binding.readback_hash:
        # What is equal may have been defined otherwise when the base was hashed.
        changed = found != semantic_hash(*base(binding.id))
    said = "its text was changed in the target" if changed else ""
    return Seen(found, changed or bool(moved), hidden, " and ".join(filter(None, (said, moved))))


def seen_both(source_hash: str, filed_hash: str, seen: Seen, article: Article) -> str:
    """The name of what a person sees of both sides when deciding."""
    filed = article.section, article.labels, article.segment
    return digest(source_hash, filed_hash, seen.hash, seen.hidden, *filed)


def filed_as(wanted: Wanted, article: Article) -> dict[str, object]:
    """The columns of a binding whose article stands as it should; labels the target did not take are not missed."""
    return {
        "filed_hash": wanted.filed_hash,
        "section_id": article.section,
        "segment": article.segment,
        "labels": sorted(set(wanted.place.labels) & set(article.labels)),
    }


def opened_or_closed(binding: Binding, article: Article) -> bool:
    """Whether somebody changed who may read an article since it was filed last."""
    return binding.segment is not None and article.segment != binding.segment


def read_back(text: ArticleText) -> dict[str, object]:
    """The columns of a binding that say what the target made of our text."""
    return {
        "readback_hash": semantic_hash(text.title, text.html),
        "readback_title": text.title,
        "readback": text.html,
        "edited_at": text.edited_at,
    }


def moved(binding: Binding, article: Article) -> str:
    """What somebody changed of the filing since it was written last."""
    found = []
    if binding.section_id and article.section != binding.section_id:
        found.append("it was moved to another section in the target")
    if opened_or_closed(binding, article):
        found.append("who may read it was changed in the target")
    lost = sorted(set(binding.labels) - set(article.labels))
    if lost:
        found.append(f"its labels {', '.join(lost)} were removed in the target")
    return " and ".join(found)


def about(subject: Subject, kind: str, reason: str, **values: object) -> Action:
    """An action about the article as a whole, unless `values` name a language."""
    plain: dict[str, object] = {
        "title": subject.title,
        "section": subject.wanted.place.section if subject.wanted else (),
        "article_id": subject.article.id if subject.article else _article_id(subject.bindings),
    }
    return Action(
        kind=kind,
        target=subject.target,
        source=subject.source,
        document=subject.document,
        reason=reason,
        **{**plain, **values},  # type: ignore[arg-type]
    )


def about_text(
    subject: Subject,
    wanted: Wanted,
    language: str,
    kind: str,
    reason: str,
    binding: Binding | None,
    seen: Seen | None = None,
    name: str = "",
) -> Action:
    """An action about one language of an article."""
    want = wanted.texts[language]
    links = want.unresolved
    return about(
        subject,
        kind,
        reason,
        language=language,
        title=want.known.title,
        binding=binding.id if binding else None,
        content_hash=want.known.content_hash,
        source_hash=want.text_hash,
        filed_hash=wanted.filed_hash,
        base_hash=binding.readback_hash if binding else "",
        target_hash=seen.hash if seen else "",
        seen=name,
        warnings=(
            *want.known.warnings,
            *(f"The link to {link!r} leads nowhere yet: it is plain text." for link in links),
        ),
    )


def _visibility(binding: Binding, hidden: bool) -> str:
    if not binding.rendered_hash or (binding.state == bindings.DRAFT) == hidden:
        return ""
    return "it was hidden in the target" if hidden else "it was shown in the target"


def _article_id(bound: Mapping[str, Binding]) -> str:
    return next((item.article_id for item in bound.values()), "")
