"""The plan of one target: every article compared, the guard asked, what the target would refuse refused. Pure.

What it needs of the store and of the target comes with the `View`; nothing is written, nothing is asked.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.knowledge import actions, comparing, guard
from adapters.knowledge.actions import Action, Adoption, Correction
from adapters.knowledge.rendering import refusals, render
from adapters.knowledge.routes import leading
from adapters.knowledge.settings import KnowledgeSettings
from adapters.knowledge.shelf import Key, Shelf, Target, Wanted, WantedText, marker
from adapters.knowledge.subject import GONE, MISSING, MOVED, UNROUTED, Leaving, Subject
from deskside.knowledge import bindings
from deskside.knowledge.bindings import Binding
from deskside.knowledge.documents import Known
from deskside.markup import allowed, symbols
from deskside.markup.meaning import compare as differ
from deskside.model.article import Article, Limits
from deskside.store.database import Row

DIFF_CHARACTERS = 20_000


@dataclass(frozen=True)
class View:
    """One target as it is now, and what is stored of it.

    `articles` is its complete listing; `absent` says of bound articles that are not in it whether they are gone or
    unclear. `html` gives the stored HTML of a document, `base` title and HTML read back last, `address` where an
    article is. `sources` are the rows of `kb_source`. `sections` asks the target; it is called seldom.
    """

    name: str
    articles: Mapping[str, Article]
    absent: Mapping[str, str]
    bindings: Mapping[Key, Mapping[str, Binding]]
    uploads: Mapping[str, str]
    limits: Limits
    sources: Mapping[str, Row]
    html: Callable[[Known], str]
    base: Callable[[int], tuple[str, str]]
    address: Callable[[str, str], str]
    sections: Callable[[], Mapping[tuple[str, ...], str]] = dict
    asset_sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass
class TargetPlan:
    """What should happen on one target. `leaving` is how many articles would leave it, `most` how many may at once."""

    actions: list[Action] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    adoptions: list[Adoption] = field(default_factory=list)
    again: bool = False
    leaving: int = 0
    most: int = 0


def plan_target(shelf: Shelf, view: View, settings: KnowledgeSettings, now: datetime) -> TargetPlan:
    """Compare everything that is or should be on one target."""
    unfit = _unfit(shelf, view)
    target = Target(shelf, view.name, unfit.keys() | _removed(view))
    marked = {article.marker: article for article in view.articles.values() if article.marker}
    plan = TargetPlan()
    wanted = target.wanted()
    for key in sorted(wanted.keys() | view.bindings.keys()):
        found = comparing.compare(_subject(key, shelf, target, wanted.get(key), view, marked, settings))
        plan.actions += found.actions
        plan.corrections += found.corrections
        plan.adoptions += found.adoptions
        plan.again |= found.again
    if plan.again:
        return plan
    plan.actions = [_described(action, target, wanted, view, unfit) for action in plan.actions]
    _full_sections(plan, view)
    _guarded(plan, shelf, view, settings, now)
    return plan


def counts(found: list[Action]) -> dict[str, int]:
    """How many actions there are of each kind, in the order in which people read them."""
    counted = Counter(action.kind for action in found)
    return {kind: counted[kind] for kind in actions.KINDS if counted[kind]}


def unrouted(shelf: Shelf) -> list[Action]:
    """The documents that no rule names."""
    return [
        Action(
            kind=actions.UNROUTED,
            target="",
            source=source,
            document=document,
            title=leading(shelf.documents[source, document]).title,
            reason="no route names it: it is not published",
        )
        for (source, document), places in sorted(shelf.places.items())
        if not places
    ]


def _unfit(shelf: Shelf, view: View) -> dict[Key, str]:
    """Why a document that is not on the target yet cannot be put there: no link may lead to it."""
    found = {}
    for key, places in shelf.places.items():
        if view.name in places and key not in view.bindings:
            texts = (shelf.documents[key][own] for own in places[view.name].languages)
            why = [reason for known in texts for reason in refusals(known.title, view.html(known), view.limits)]
            if why:
                found[key] = why[0]
    return found


def _removed(view: View) -> set[Key]:
    """What a person removed from the target: no link may lead there."""
    return {key for key, bound in view.bindings.items() if all(item.state == bindings.GONE for item in bound.values())}


def _subject(
    key: Key,
    shelf: Shelf,
    target: Target,
    wanted: Wanted | None,
    view: View,
    marked: Mapping[str, Article],
    settings: KnowledgeSettings,
) -> Subject:
    source, document = key
    bound = view.bindings.get(key, {})
    mark = next((item.marker for item in bound.values()), marker(source, document, view.name))
    article_id = next((item.article_id for item in bound.values()), "")
    article = view.articles.get(article_id)
    if article is None and all(item.state == bindings.ARCHIVED for item in bound.values()):
        # Nothing is known of it, or we have archived it: its marker may know better.
        article = marked.get(mark) if wanted else None
    texts = shelf.documents.get(key)
    title = leading(texts).title if texts else document
    return Subject(
        target=view.name,
        source=source,
        document=document,
        marker=mark,
        title=title,
        bindings=bound,
        article=article,
        wanted=wanted,
        leaving=None if wanted else _leaving(key, shelf),
        absent=view.absent.get(article_id, GONE),
        drift=settings.drift,
        base=view.base,
        written=lambda text: (text.known.title, _html(text, target, view)),
        filed=lambda wanted, article: (
            view.sections().get(wanted.place.section) == article.section
            and set(wanted.place.labels) <= set(article.labels)
        ),
    )


def _leaving(key: Key, shelf: Shelf) -> Leaving:
    if key not in shelf.places:
        heir = shelf.heirs.get(key, "")
        return Leaving(MISSING, next(iter(sorted(shelf.places.get((key[0], heir), {}))), ""), heir)
    elsewhere = sorted(shelf.places[key])
    return Leaving(MOVED, elsewhere[0], key[1]) if elsewhere else Leaving(UNROUTED)


def _html(text: WantedText, target: Target, view: View) -> str:
    """The body as it would be written now; what has no address yet keeps its symbolic one."""

    def address(source: str, document: str, language: str) -> str | None:
        for item in view.bindings.get((source, document), {}).values():
            if item.state in bindings.THERE:
                return view.address(item.article_id, language)
        return symbols.document_link(document)

    html = view.html(text.known)
    uploads = {file.sha256: symbols.asset_link(file.sha256) for file in text.known.files if file.sha256}
    return render(html, text, target, address, {**uploads, **view.uploads}).html


def _described(
    action: Action, target: Target, wanted: Mapping[Key, Wanted], view: View, unfit: Mapping[Key, str]
) -> Action:
    """An action with what people want to see of it: the difference, the sizes, the warnings; or its refusal."""
    want = wanted.get((action.source, action.document))
    text = want.texts.get(action.language) if want else None
    article = view.articles.get(action.article_id)
    seen = article.texts.get(action.language) if article else None
    if seen is not None and action.kind in {actions.DRIFT, actions.CONFLICT}:
        action = replace(action, target_title=seen.title, target_html=seen.html)
    if text is None:
        if action.kind == actions.CONFLICT and seen is not None and action.binding is not None:
            title, before = view.base(action.binding)
            return replace(action, target_diff=_diff(title, before, seen.title, seen.html))
        return action
    if action.kind not in {actions.CREATE, actions.UPDATE, actions.RESTORE, actions.DRIFT, actions.CONFLICT}:
        return action
    html = _html(text, target, view)
    title = text.known.title
    described = replace(action, size=len(html.encode()), size_limit=view.limits.body_bytes)
    if seen is not None:
        described = replace(described, diff=_diff(seen.title, seen.html, title, html))
        if action.kind in {actions.DRIFT, actions.CONFLICT, actions.RESTORE} and action.binding is not None:
            base_title, base = view.base(action.binding)
            described = replace(
                described,
                target_diff=_diff(base_title, base, seen.title, seen.html),
                source_diff=_diff(base_title, base, title, html),
            )
    if action.kind in actions.APPLIED:
        why = _refused(action, text, html, article, view) or unfit.get((action.source, action.document), "")
        if why:
            return replace(described, kind=actions.REFUSED, would=action.kind, reason=why)
    return described


def _refused(action: Action, text: WantedText, html: str, article: Article | None, view: View) -> str:
    if article is not None and article.locked:
        return article.locked
    found = refusals(text.known.title, html, view.limits)
    lost = allowed.clean(view.html(text.known)).lost
    if lost:
        found.append(f"its text is not what help centres show: {', '.join(lost)}")
    most = view.limits.asset_bytes
    for file in text.known.files:
        size = view.asset_sizes.get(file.sha256, 0)
        if most is not None and size > most:
            found.append(f"the file {file.filename} has {size:,} bytes, and {most:,} fit")
    return "; ".join(found)


def _diff(before_title: str, before: str, after_title: str, after: str) -> str:
    lines = []
    if before_title != after_title:
        lines.append(f"~ [-{before_title}-]{{+{after_title}+}}")
    body = differ(before, after)
    if body:
        lines.append(body.text())
    text = "\n".join(lines)
    return text if len(text) <= DIFF_CHARACTERS else text[:DIFF_CHARACTERS] + "\n…"


def _full_sections(plan: TargetPlan, view: View) -> None:
    """Refuse what a full section would not take."""
    most = view.limits.articles_per_section
    if most is None:
        return
    here = Counter(article.section for article in view.articles.values())
    # Sections are known by their ids there and by their names here: our own articles tell which is which.
    ids: dict[tuple[str, ...], str] = {}
    places = {item.article_id: item.section_id for bound in view.bindings.values() for item in bound.values()}
    for action in plan.actions:
        if action.article_id in places:
            ids.setdefault(action.section, places[action.article_id])
    coming: Counter[tuple[str, ...]] = Counter()
    for index, action in enumerate(plan.actions):
        if action.kind == actions.CREATE and not action.article_id:
            coming[action.section] += 1
            if coming[action.section] + here[ids.get(action.section, "")] > most:
                why = f"a section takes {most:,} articles"
                plan.actions[index] = replace(action, kind=actions.REFUSED, would=actions.CREATE, reason=why)


def _guarded(plan: TargetPlan, shelf: Shelf, view: View, settings: KnowledgeSettings, now: datetime) -> None:
    """Ask the guard for everything that would leave its readers, and hold what it does not allow."""
    leaving = {
        action.id: _leaves(action, shelf, view, now)
        for action in plan.actions
        if action.kind in (actions.ARCHIVE, actions.UNPUBLISH)
    }
    kept = {
        item.article_id for bound in view.bindings.values() for item in bound.values() if item.state in bindings.KEPT
    }
    verdict = guard.judge(list(leaving.values()), len(kept), settings.guard, settings.full_listing, now)
    plan.leaving, plan.most = len(leaving), verdict.limit
    plan.actions = [
        replace(
            action,
            kind=actions.HELD,
            would=action.kind,
            reason=f"{action.reason}; {verdict.held[action.id]}",
            numbered=action.id in verdict.numbered,
        )
        if action.id in leaving and action.id in verdict.held
        else action
        for action in plan.actions
    ]


def _leaves(action: Action, shelf: Shelf, view: View, now: datetime) -> guard.Leaving:
    key = action.source, action.document
    row = view.sources.get(action.source)
    texts = shelf.documents.get(key)
    known = leading(texts) if texts else None
    return guard.Leaving(
        key=action.id,
        missing=key not in shelf.places,
        owned=action.binding is not None,
        source_state=row.state if row else "new",
        listing_age=now - row.full_at if row and row.full_at else None,
        missing_since=known.missing_since if known else None,
        missing_listings=known.missing_listings if known else 0,
        proof=known.missing_proof if known else "",
    )
