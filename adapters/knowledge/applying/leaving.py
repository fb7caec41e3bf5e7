"""What leaves its readers: hidden, or archived with a redirect. Last of all, and proved once more directly before."""

import json

import sqlalchemy as sa

from adapters.knowledge import actions, guard, indexing
from adapters.knowledge.actions import Action
from adapters.knowledge.applying.texts import read
from adapters.knowledge.applying.work import Skip, Work
from adapters.knowledge.reading import ask
from adapters.knowledge.shelf import Key, digest
from adapters.knowledge.subject import read_back
from deskside.errors import Gone, Permanent, TargetRefuses
from deskside.knowledge import bindings, journal
from deskside.knowledge.bindings import Binding
from deskside.markup.meaning import semantic_hash
from deskside.model.article import Article, Text
from deskside.store.database import reading, utc_now

# In the place of `rendered_hash`: the text is hidden because nothing wants it.
HIDDEN = "hidden"


def leave(work: Work, action: Action) -> bool:
    """Take an article, or one language of it, from its readers."""
    key = action.source, action.document
    bound = {name: item for name, item in work.bound.get(key, {}).items() if item.state in bindings.KEPT}
    if action.language:
        bound = {name: item for name, item in bound.items() if name == action.language}
    if not bound or not action.target_hash:
        raise Skip("its article is not there")
    _unwanted(work, action, key)
    article_id = next(iter(bound.values())).article_id
    if _kind(action) == actions.ARCHIVE:
        _archive(work, action, bound, article_id)
    else:
        article = read(work, article_id)
        _unchanged(action, bound, article)
        for item in bound.values():
            _hide(work, item, article)
    work.reload(key)
    return True


def redirect(work: Work) -> None:
    """Send readers where the journal says that they are to go."""
    with reading(work.database) as connection:
        open_ = [item for item in journal.unfinished(connection, work.target.name) if item.step == journal.REDIRECT]
    for item in open_:
        work.go_on()
        article_id, to = json.loads(item.key)
        try:
            # The same redirect twice is one.
            made = work.patience.call(work.target.redirect, article_id, to)
        except TargetRefuses:
            raise
        except Permanent as error:
            with work.database.begin() as connection:
                journal.failed(connection, item.id, str(error), utc_now())
            continue
        with work.database.begin() as connection:
            if made:
                journal.done(connection, item.id, to, utc_now())
            else:
                journal.failed(connection, item.id, "the target has no redirects", utc_now())


def recover(work: Work) -> None:
    """Bring every archiving that has no end to its end."""
    with reading(work.database) as connection:
        open_ = [item for item in journal.unfinished(connection, work.target.name) if item.step == journal.ARCHIVE]
    for item in open_:
        work.go_on()
        try:
            work.patience.call(work.target.read, item.key)
        except Gone:
            _archived(work, item.key, item.id)
            continue
        with work.database.begin() as connection:
            journal.failed(connection, item.id, "it is still there", utc_now())
            _no_redirect(connection, work, item.key)
    work.refresh()


def _kind(action: Action) -> str:
    return action.would if action.kind == actions.HELD else action.kind


def _unwanted(work: Work, action: Action, key: Key) -> None:
    """Raise Skip unless the document is still to leave; its source is asked once more."""
    wanted = work.wanted.get(key)
    if wanted is not None and (not action.language or action.language in wanted.texts):
        raise Skip("it is to stand here again")
    if action.language or _kind(action) == actions.UNPUBLISH:
        return
    if key in work.shelf.places:
        _taken_over(work, action.moved_to, (action.source, action.heir or action.document))
        return
    proof = ask(work.publishing.sources[action.source], action.document)
    if proof != guard.GONE:
        raise Skip(f"its source does not say that it is gone (it says: {proof})")


def _taken_over(work: Work, target: str, key: Key) -> None:
    """Raise Skip unless readers find the document on the target that it moved to."""
    with reading(work.database) as connection:
        there = bindings.of_document(connection, target, *key)
    if not any(item.state == bindings.LIVE for item in there):
        raise Skip(f"it is not shown on {target} yet")


def _unchanged(action: Action, bound: dict[str, Binding], article: Article) -> None:
    hashes = [
        semantic_hash(article.texts[name].title, article.texts[name].html) for name in bound if name in article.texts
    ]
    if action.target_hash != (hashes[0] if action.language and hashes else digest(*hashes)):
        raise Skip("somebody changed it in the target since the plan")


def _archive(work: Work, action: Action, bound: dict[str, Binding], article_id: str) -> None:
    try:
        article = work.patience.call(work.target.read, article_id)
    except Gone:
        article = None
    if article is not None:
        _unchanged(action, bound, article)
    with work.database.begin() as connection:
        now = utc_now()
        entry = journal.intend(connection, work.plan, work.target.name, journal.ARCHIVE, article_id, now)
        leads = _readers_go(connection, work, action, next(iter(bound)))
        if leads:
            key = json.dumps([article_id, leads])
            journal.intend(connection, work.plan, work.target.name, journal.REDIRECT, key, now)
    try:
        work.patience.call(work.target.archive, article_id)
    except Permanent as error:
        with work.database.begin() as connection:
            journal.failed(connection, entry, str(error), utc_now())
            _no_redirect(connection, work, article_id)
        raise
    _archived(work, article_id, entry)


def _archived(work: Work, article_id: str, entry: int) -> None:
    with work.database.begin() as connection:
        now = utc_now()
        journal.done(connection, entry, article_id, now)
        bindings.change_article(connection, work.target.name, article_id, now, state=bindings.ARCHIVED, error="")
    indexing.remove(work.database, work.target, article_id)


def _no_redirect(connection: sa.Connection, work: Work, article_id: str) -> None:
    """An article that stays needs no redirect."""
    for item in journal.unfinished(connection, work.target.name):
        if item.step == journal.REDIRECT and json.loads(item.key)[0] == article_id:
            journal.failed(connection, item.id, "it is still there", utc_now())


def _readers_go(connection: sa.Connection, work: Work, action: Action, language: str) -> str:
    """The address that takes the readers of an article that is archived; empty when there is none."""
    target = work.publishing.targets.get(action.moved_to)
    if target is None:
        return ""
    document = action.heir or action.document
    there = bindings.of_document(connection, action.moved_to, action.source, document)
    live = {item.language: item for item in there if item.state == bindings.LIVE}
    if not live:
        return ""
    found = live.get(language) or next(iter(live.values()))
    return target.url(found.article_id, found.language)


def _hide(work: Work, binding: Binding, article: Article) -> None:
    text = article.texts.get(binding.language)
    if text is None or text.draft:
        return
    hidden = Text(binding.language, text.title, text.html, draft=True, outdated=text.outdated)
    work.patience.call(work.target.write_text, article.id, hidden)
    after = read(work, article.id)
    there = after.texts[binding.language]
    values = {
        **read_back(there),
        "rendered_hash": HIDDEN,
        "state": bindings.DRAFT,
        "decision": "",
        "decided_hash": "",
    }
    with work.database.begin() as connection:
        bindings.change(connection, binding.id, utc_now(), **values)
    indexing.put(work.database, work.target, [after])
