"""The comparison of one article as a whole: whether it is there, whether it is wanted, and its translations. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from adapters.knowledge import actions, three_way
from adapters.knowledge.actions import Action, Adoption, Correction
from adapters.knowledge.settings import PAUSE
from adapters.knowledge.shelf import Wanted, digest
from adapters.knowledge.subject import (
    GONE,
    MISSING,
    MOVED,
    UNCLEAR,
    UNROUTED,
    Found,
    Leaving,
    Subject,
    about,
    about_text,
    look,
    moved,
    seen_both,
)
from deskside.knowledge import bindings, decisions
from deskside.knowledge.bindings import Binding
from deskside.model.article import Article


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


def _absent(subject: Subject, kept: Mapping[str, Binding], found: Found) -> None:
    wanted = subject.wanted
    there = {language: item for language, item in kept.items() if item.state in bindings.KEPT}
    if subject.absent == UNCLEAR and there:
        why = "it is not in the target's listing, and the target has not said yet that it is gone"
        would = actions.UPDATE if wanted else actions.ARCHIVE
        found.actions.append(about(subject, actions.HELD, why, would=would, binding=next(iter(there.values())).id))
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
        found.actions.append(about(subject, actions.REMOVED, why, binding=binding.id))
        return
    # One that readers never saw is begun anew.
    found.corrections += [Correction(item.id, {"state": bindings.ARCHIVED}) for item in there.values()]
    why = "it is new"
    if kept:
        why = "it is back at its source" if _archived(kept) else "its making was not finished"
    for language in _in_order(wanted):
        binding_of = kept.get(language)
        found.actions.append(about_text(subject, wanted, language, actions.CREATE, why, binding_of))


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
        why = " and ".join(filter(None, (seen.why, moved(item, article))))
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
            about(
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
        about(
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
            found.actions.append(about_text(subject, wanted, language, actions.CREATE, why, binding))
        elif text is None:
            why = "a person removed this language from the target; it is not made again by itself"
            found.actions.append(about_text(subject, wanted, language, actions.REMOVED, why, binding))
        else:
            three_way.compare_text(three_way.sides(subject, wanted, language, binding, article, text), found)
    if not found.again:
        _translations(subject, wanted, kept, article, found)
        _unwanted(subject, wanted, kept, article, found)


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
            action = about_text(subject, wanted, language, actions.OUTDATED, why, binding, seen)
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
            about(
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


def _in_order(wanted: Wanted) -> list[str]:
    return sorted(wanted.texts, key=lambda language: (language != wanted.first, language))


def _paused(action: Action) -> Action:
    if action.kind not in actions.APPLIED:
        return action
    why = "the article was changed in the target, and its updates wait for a decision"
    return replace(action, kind=actions.HELD, would=action.kind, reason=why)
