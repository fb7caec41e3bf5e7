"""The three-way comparison of one article: what we wrote last, what source and target have now. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from adapters.knowledge import actions
from adapters.knowledge.actions import Action, Adoption, Correction
from adapters.knowledge.settings import PAUSE, RESTORE
from adapters.knowledge.shelf import Wanted, WantedText, digest
from deskside.knowledge import bindings, decisions
from deskside.knowledge.bindings import Binding
from deskside.markup.meaning import semantic_hash
from deskside.model.article import Article, ArticleText

NOTHING, UPDATE, DRIFT, CONFLICT, SAME = "nothing", "update", "drift", "conflict", "same"
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


def three_way(source_changed: bool, target_changed: bool, same: bool) -> str:
    """What is to be done about a text; `same` is whether source and target now mean the same."""
    if not target_changed:
        return UPDATE if source_changed else NOTHING
    if same:
        return SAME
    return CONFLICT if source_changed else DRIFT


def compare(subject: Subject) -> Found:
    """Everything that should happen to one article."""
    found = Found()
    kept = {language: item for language, item in subject.bindings.items() if item.state != bindings.DETACHED}
    if subject.article is None and subject.absent == GONE and len(kept) < len(subject.bindings):
        lost = [item for item in subject.bindings.values() if item.state == bindings.DETACHED]
        found.corrections += [Correction(item.id, {"state": bindings.GONE}) for item in lost]
        found.again = True
        return found
    if subject.bindings and not kept:
        return found
    if subject.article is None:
        _absent(subject, kept, found)
    elif subject.wanted is None:
        _leave(subject, kept, subject.article, found)
    else:
        _stand(subject, subject.wanted, kept, subject.article, found)
    if subject.drift == PAUSE and any(action.kind == actions.DRIFT for action in found.actions):
        found.actions = [_paused(action) for action in found.actions]
    return found


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


def _visibility(binding: Binding, hidden: bool) -> str:
    if not binding.rendered_hash or (binding.state == bindings.DRAFT) == hidden:
        return ""
    return "it was hidden in the target" if hidden else "it was shown in the target"


def _absent(subject: Subject, kept: Mapping[str, Binding], found: Found) -> None:
    wanted = subject.wanted
    there = {language: item for language, item in kept.items() if item.state in bindings.KEPT}
    if subject.absent == UNCLEAR and there:
        why = "it is not in the target's listing, and the target has not said yet that it is gone"
        would = actions.UPDATE if wanted else actions.ARCHIVE
        found.actions.append(_about(subject, actions.HELD, why, would=would, binding=next(iter(there.values())).id))
        return
    if wanted is None:
        # Gone on both sides.
        found.corrections += [Correction(item.id, {"state": bindings.ARCHIVED}) for item in there.values()]
        return
    removed = any(item.state == bindings.GONE or item.rendered_hash for item in kept.values()) and any(
        item.state != bindings.ARCHIVED for item in kept.values()
    )
    if removed:
        gone = [item for item in there.values() if item.state != bindings.GONE]
        found.corrections += [Correction(item.id, {"state": bindings.GONE}) for item in gone]
        # Links to it become text.
        found.again = bool(gone)
        why = "a person removed it from the target; it is not made again by itself"
        binding = kept.get(wanted.first) or next(iter(kept.values()))
        found.actions.append(_about(subject, actions.REMOVED, why, binding=binding.id))
        return
    # One that readers never saw is begun anew.
    found.corrections += [Correction(item.id, {"state": bindings.ARCHIVED}) for item in there.values()]
    why = "it is new"
    if kept:
        why = "it is back at its source" if _archived(kept) else "its making was not finished"
    for language in _in_order(wanted):
        binding_of = kept.get(language)
        found.actions.append(_text(subject, wanted, language, actions.CREATE, why, binding_of))


def _archived(kept: Mapping[str, Binding]) -> bool:
    return any(item.state == bindings.ARCHIVED for item in kept.values())


def _leave(subject: Subject, kept: Mapping[str, Binding], article: Article, found: Found) -> None:
    leaving = subject.leaving
    assert leaving is not None
    there = {language: item for language, item in kept.items() if item.state in bindings.KEPT}
    if not there:
        return
    changed = []
    for language, item in there.items():
        text = article.texts.get(language)
        if text is None or not item.readback_hash:
            continue
        seen = look(item, text, subject.base)
        why = " and ".join(filter(None, (seen.why, _moved(item, article))))
        if not why:
            continue
        name = seen_both(leaving.cause, "", seen, article)
        decided = item.decision if item.decided_hash == name else ""
        if decided == decisions.KEEP:
            # The article stays as a whole.
            detached = {"state": bindings.DETACHED, "decision": decisions.DETACH}
            found.corrections += [Correction(each.id, detached) for each in there.values()]
            return
        if decided != decisions.RESTORE:
            changed.append((item, text, seen, why, name))
    for item, text, seen, why, name in changed:
        reason = f"{_cause(leaving)}, but {why}"
        found.actions.append(
            _about(
                subject,
                actions.CONFLICT,
                reason,
                language=item.language,
                binding=item.id,
                target_hash=seen.hash,
                base_hash=item.readback_hash,
                seen=name,
                title=text.title,
            )
        )
    if changed:
        return
    # A language that is not ours any more must not go with the others.
    hide = leaving.cause == UNROUTED or len(there) < len(subject.bindings)
    if hide and all(item.state == bindings.DRAFT for item in there.values()):
        return
    item = next(iter(there.values()))
    hashes = [
        look(each, article.texts[name], subject.base).hash for name, each in there.items() if name in article.texts
    ]
    found.actions.append(
        _about(
            subject,
            actions.UNPUBLISH if hide else actions.ARCHIVE,
            _cause(leaving),
            binding=item.id,
            moved_to=leaving.moved_to,
            heir=leaving.heir,
            target_hash=digest(*hashes),
        )
    )


def _cause(leaving: Leaving) -> str:
    if leaving.cause == MISSING:
        return "it is gone at its source" + (f", merged into {leaving.heir}" if leaving.heir else "")
    if leaving.cause == MOVED:
        return f"the routes put it on {leaving.moved_to} now"
    return "no route names it any more"


def _stand(subject: Subject, wanted: Wanted, kept: Mapping[str, Binding], article: Article, found: Found) -> None:
    back = [item for item in kept.values() if item.state in (bindings.ARCHIVED, bindings.GONE)]
    for item in back:
        if item.language in article.texts:
            hidden = article.texts[item.language].draft
            state = bindings.DRAFT if hidden else bindings.LIVE
            if item.state == bindings.GONE and item.decision == decisions.DETACH:
                state = bindings.DETACHED
            found.corrections.append(Correction(item.id, {"state": state}))
            found.again = True
    if found.again:
        return
    for language in _in_order(wanted):
        detached = subject.bindings.get(language)
        if detached is not None and detached.state == bindings.DETACHED:
            continue
        binding, text = kept.get(language), article.texts.get(language)
        if binding is None and text is not None:
            adopted = (wanted.source, wanted.document, language, wanted.target, article.id, wanted.marker)
            found.adoptions.append(Adoption(*adopted))
            found.again = True
        elif binding is None or (text is None and not binding.rendered_hash):
            why = "it is new in this language" if subject.bindings else "it is new"
            found.actions.append(_text(subject, wanted, language, actions.CREATE, why, binding))
        elif text is None:
            why = "a person removed this language from the target; it is not made again by itself"
            found.actions.append(_text(subject, wanted, language, actions.REMOVED, why, binding))
        else:
            _compare_text(subject, wanted, wanted.texts[language], binding, article, text, found)
    if not found.again:
        _translations(subject, wanted, kept, article, found)
        _unwanted(subject, wanted, kept, article, found)


def _compare_text(
    subject: Subject,
    wanted: Wanted,
    want: WantedText,
    binding: Binding,
    article: Article,
    text: ArticleText,
    found: Found,
) -> None:
    seen = look(binding, text, subject.base)
    leads = want.language == wanted.first
    refiled = leads and binding.filed_hash != wanted.filed_hash
    moved = _moved(binding, article) if leads else ""
    if moved and refiled and subject.filed(wanted, article):
        # By us, and we were killed before we noted it; or by somebody who wanted the same.
        found.corrections.append(Correction(binding.id, filed_as(wanted, article)))
        moved, refiled = "", False
    if not binding.rendered_hash:
        _unfinished(subject, wanted, want, binding, article, text, seen, found)
        return
    rewritten = binding.rendered_hash != want.text_hash
    kept = binding.decision == decisions.KEEP
    target_changed = seen.changed or bool(moved)
    source_changed = rewritten or refiled
    alike = want.draft == text.draft and not moved
    same = target_changed and source_changed and alike and _same(subject, want, seen)
    result = three_way(source_changed, target_changed or (kept and rewritten), same)
    name = seen_both(want.text_hash, wanted.filed_hash if leads else "", seen, article)
    if result in (DRIFT, CONFLICT):
        _disagree(subject, wanted, want, binding, article, text, seen, moved, name, result, found)
        return
    if result == SAME:
        found.corrections.append(Correction(binding.id, _base(want, text)))
        rewritten = False
    elif seen.hash == binding.readback_hash and text.edited_at != binding.edited_at:
        found.corrections.append(Correction(binding.id, {"edited_at": text.edited_at}))
    elif seen.hash != binding.readback_hash:
        found.corrections.append(Correction(binding.id, {"edited_at": text.edited_at, "readback_hash": seen.hash}))
    if rewritten:
        action = _text(subject, wanted, want.language, actions.UPDATE, _changed(want, binding), binding, seen, name)
        found.actions.append(action)
    if refiled:
        why = "section, labels, readers or order changed"
        found.actions.append(
            _about(subject, actions.FILE, why, binding=binding.id, filed_hash=wanted.filed_hash, seen=name)
        )


def _unfinished(
    subject: Subject,
    wanted: Wanted,
    want: WantedText,
    binding: Binding,
    article: Article,
    text: ArticleText,
    seen: Seen,
    found: Found,
) -> None:
    """A text of which we do not know that we have written it: our own unfinished work, or somebody's."""
    blank = not text.html.strip()
    same = blank or (bool(binding.readback_hash) and not seen.changed) or _same(subject, want, seen)
    leads = want.language == wanted.first
    name = seen_both(want.text_hash, wanted.filed_hash if leads else "", seen, article)
    if same and not blank and text.draft == want.draft:
        state = bindings.DRAFT if text.draft else bindings.LIVE
        found.corrections.append(Correction(binding.id, {**_base(want, text), "state": state}))
        if leads and binding.filed_hash != wanted.filed_hash:
            why = "it bears our marker, and its filing is not known"
            found.actions.append(
                _about(subject, actions.FILE, why, binding=binding.id, filed_hash=wanted.filed_hash, seen=name)
            )
    elif same or (binding.decision == decisions.RESTORE and binding.decided_hash == name):
        why = "its making was not finished"
        found.actions.append(_text(subject, wanted, want.language, actions.CREATE, why, binding, seen, name))
        if same and not blank and binding.readback_hash != seen.hash:
            found.corrections.append(Correction(binding.id, read_back(text)))
    elif binding.decision == decisions.KEEP and binding.decided_hash == name:
        found.corrections.append(Correction(binding.id, _accepted(wanted, want, article, text)))
    else:
        why = "the target has a text of which nobody knows that we wrote it"
        found.actions.append(_text(subject, wanted, want.language, actions.CONFLICT, why, binding, seen, name))


def _disagree(
    subject: Subject,
    wanted: Wanted,
    want: WantedText,
    binding: Binding,
    article: Article,
    text: ArticleText,
    seen: Seen,
    moved: str,
    name: str,
    result: str,
    found: Found,
) -> None:
    decided = binding.decision if binding.decided_hash == name else ""
    if decided == decisions.KEEP:
        found.corrections.append(Correction(binding.id, _accepted(wanted, want, article, text)))
        return
    why = " and ".join(filter(None, (seen.why, moved))) or "somebody decided to keep what the target has"
    if result == CONFLICT:
        why += f", and {_changed(want, binding)}"
    if decided == decisions.RESTORE:
        kind, why = actions.RESTORE, f"{why}; somebody decided to restore it"
    elif result == DRIFT and subject.drift == RESTORE:
        kind = actions.RESTORE
    else:
        kind = actions.DRIFT if result == DRIFT else actions.CONFLICT
    found.actions.append(_text(subject, wanted, want.language, kind, why, binding, seen, name))


def _translations(
    subject: Subject, wanted: Wanted, kept: Mapping[str, Binding], article: Article, found: Found
) -> None:
    """Mark the translations of a text that changes without them."""
    first = kept.get(wanted.first)
    writes = {action.language: action for action in found.actions if action.kind in (actions.UPDATE, actions.RESTORE)}
    if first is None or wanted.first not in writes:
        changed = False
    else:
        changed = bool(first.content_hash) and first.content_hash != wanted.texts[wanted.first].known.content_hash
    settled = {action.language for action in found.actions if action.kind != actions.FILE}
    for language, binding in kept.items():
        text = article.texts.get(language)
        want = wanted.texts.get(language)
        if language == wanted.first or text is None or want is None:
            continue
        own = binding.content_hash != want.known.content_hash
        if language in writes:
            marked = not own and (changed or text.outdated)
            found.actions = [
                replace(action, outdated=marked) if action is writes[language] else action for action in found.actions
            ]
        elif changed and language not in settled and not text.outdated and binding.rendered_hash:
            why = "the text it was translated from changes"
            seen = look(binding, text, subject.base)
            action = _text(subject, wanted, language, actions.OUTDATED, why, binding, seen)
            found.actions.append(replace(action, outdated=True))


def _unwanted(subject: Subject, wanted: Wanted, kept: Mapping[str, Binding], article: Article, found: Found) -> None:
    """Hide the languages that the document does not have any more."""
    for language, binding in kept.items():
        text = article.texts.get(language)
        if language in wanted.texts or text is None or binding.state != bindings.LIVE:
            continue
        seen = look(binding, text, subject.base)
        name = seen_both(UNROUTED, "", seen, article)
        decided = binding.decision if binding.decided_hash == name else ""
        if seen.changed and decided == decisions.KEEP:
            detached = {"state": bindings.DETACHED, "decision": decisions.DETACH}
            found.corrections.append(Correction(binding.id, detached))
            continue
        conflict = seen.changed and decided != decisions.RESTORE
        why = "the document is not published in this language any more"
        found.actions.append(
            _about(
                subject,
                actions.CONFLICT if conflict else actions.UNPUBLISH,
                f"{why}, but {seen.why}" if conflict else why,
                language=language,
                binding=binding.id,
                target_hash=seen.hash,
                base_hash=binding.readback_hash,
                seen=name,
            )
        )


def _same(subject: Subject, want: WantedText, seen: Seen) -> bool:
    """Whether what would be written means what is there already."""
    return semantic_hash(*subject.written(want)) == seen.hash


def _moved(binding: Binding, article: Article) -> str:
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


def _base(want: WantedText, text: ArticleText) -> dict[str, object]:
    """The columns of a binding whose text in the target means what would be written."""
    return {
        **read_back(text),
        "content_hash": want.known.content_hash,
        "rendered_hash": want.text_hash,
        "decision": "",
        "decided_hash": "",
    }


def _accepted(wanted: Wanted, want: WantedText, article: Article, text: ArticleText) -> dict[str, object]:
    """The columns of a binding whose target's text was accepted: no drift until one of the sides changes again."""
    return {
        **_base(want, text),
        **filed_as(wanted, article),
        "decision": decisions.KEEP,
        "state": bindings.DRAFT if text.draft else bindings.LIVE,
    }


def _changed(want: WantedText, binding: Binding) -> str:
    if binding.rendered_hash == bindings.STALE:
        return "an address in it has changed"
    if binding.content_hash != want.known.content_hash:
        return "the document changed"
    if (binding.state == bindings.DRAFT) != want.draft:
        return "it is to be hidden" if want.draft else "it is to be shown"
    return "it is converted or linked in another way"


def _in_order(wanted: Wanted) -> list[str]:
    return sorted(wanted.texts, key=lambda language: (language != wanted.first, language))


def _paused(action: Action) -> Action:
    if action.kind not in actions.APPLIED:
        return action
    why = "the article was changed in the target, and its updates wait for a decision"
    return replace(action, kind=actions.HELD, would=action.kind, reason=why)


def _about(subject: Subject, kind: str, reason: str, **values: object) -> Action:
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


def _article_id(bound: Mapping[str, Binding]) -> str:
    return next((item.article_id for item in bound.values()), "")


def _text(
    subject: Subject,
    wanted: Wanted,
    language: str,
    kind: str,
    reason: str,
    binding: Binding | None,
    seen: Seen | None = None,
    name: str = "",
) -> Action:
    want = wanted.texts[language]
    links = want.unresolved
    return _about(
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
