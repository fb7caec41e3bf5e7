"""Making articles that readers do not see yet. An intent stands in the journal before every request that makes one."""

import json

from adapters.knowledge.actions import Action
from adapters.knowledge.applying.work import Skip, Work
from adapters.knowledge.rendering import refusals, render
from adapters.knowledge.shelf import Key, Wanted
from deskside.errors import Permanent, TargetRefuses, Transient, UnknownOutcome
from deskside.knowledge import bindings, documents, journal
from deskside.model.article import Filing, Text
from deskside.store.database import reading, utc_now

# How often a making that may have happened is looked for and begun again.
ROUNDS = 3


def create(work: Work, action: Action) -> bool:
    """Make the article of an action that is about its first language, unless it is there. Never done with that."""
    wanted = work.want(action)
    key = wanted.source, wanted.document
    if action.language != wanted.first or work.article_id(key):
        return False
    before = next(iter(work.bound.get(key, {}).values()), None)
    if before is not None and before.state != bindings.ARCHIVED:
        raise Skip("it was removed from the target since the plan")
    text = _text(work, wanted)
    filing = work.filing(wanted)
    with work.database.begin() as connection:
        entry = journal.intend(
            connection, work.plan, work.target.name, journal.ARTICLE, key_of(key), utc_now(), wanted.marker
        )
    article_id = _make(work, wanted, entry, filing, text)
    with work.database.begin() as connection:
        now = utc_now()
        journal.done(connection, entry, article_id, now)
        bound = bindings.bind(
            connection,
            wanted.source,
            wanted.document,
            wanted.first,
            work.target.name,
            article_id,
            wanted.marker,
            now,
        )
        filed = {"section_id": filing.section, "filed_hash": wanted.filed_hash}
        bindings.change(connection, bound.id, now, **filed)
        if before is not None and before.rendered_hash and before.article_id != article_id:
            # Readers of the article that was archived, and texts that link to it, find the new one.
            leads = work.target.url(article_id, wanted.first)
            journal.intend(
                connection, work.plan, work.target.name, journal.REDIRECT, json.dumps([before.article_id, leads]), now
            )
            bindings.write_again(connection, work.target.name, wanted.source, _linking(work, key), now)
    work.made.add(key)
    if text.html:
        work.whole.add(key)
    work.reload(key)
    return False


def recover(work: Work) -> None:
    """Bring every intent that has no end to its end: what it made is found by its marker."""
    with reading(work.database) as connection:
        open_ = journal.unfinished(connection, work.target.name)
    for item in open_:
        work.go_on()
        if item.step == journal.ARTICLE:
            _recover_article(work, item)
        elif item.step in (journal.ASSET, journal.SECTION):
            # A file is taken again, and a section is found by its name.
            with work.database.begin() as connection:
                journal.failed(connection, item.id, "killed", utc_now())
    work.refresh()


def key_of(key: Key) -> str:
    """A document as the journal names it."""
    return json.dumps(key, ensure_ascii=False)


def _recover_article(work: Work, item: journal.Intent) -> None:
    source, document = json.loads(item.key)
    article_id = work.patience.call(work.target.find, item.marker)
    with work.database.begin() as connection:
        now = utc_now()
        if article_id is None:
            journal.failed(connection, item.id, "nothing was made", now)
            return
        journal.done(connection, item.id, article_id, now)
        wanted = work.wanted.get((source, document))
        if wanted is not None and not work.article_id((source, document)):
            bindings.bind(connection, source, document, wanted.first, work.target.name, article_id, item.marker, now)


def _make(work: Work, wanted: Wanted, entry: int, filing: Filing, text: Text) -> str:
    for _ in range(ROUNDS):
        try:
            return work.patience.once(work.target.create, wanted.marker, filing, text)
        except UnknownOutcome:
            found = work.patience.call(work.target.find, wanted.marker)
            if found is not None:
                return found
        except TargetRefuses:
            raise
        except Permanent as error:
            with work.database.begin() as connection:
                journal.failed(connection, entry, str(error), utc_now())
            raise
    raise Transient("whether it was made is not known: its marker is looked for in the next run")


def _text(work: Work, wanted: Wanted) -> Text:
    """The text to begin with: the whole one where nothing in it waits for other articles or files, else none."""
    text = wanted.texts[wanted.first]
    title = text.known.title
    with reading(work.database) as connection:
        html = documents.html(connection, text.known)
        uploads = bindings.uploads(connection, work.target.name)
    why = refusals(title, html, work.target.limits())
    if why:
        raise Permanent("; ".join(why))
    files = {file.sha256 for file in text.known.files}
    if text.unresolved or text.known.lists or not files <= uploads.keys():
        return Text(wanted.first, title, "", draft=True)
    rendered = render(html, text, work.side, work.address, uploads)
    return Text(wanted.first, title, rendered.html, draft=True)


def _linking(work: Work, key: Key) -> set[str]:
    """The documents of the same source whose text links to this one, or lists children."""
    source, document = key
    return {
        other
        for (where, other), texts in work.shelf.documents.items()
        if where == source
        and any(
            known.lists or document in (work.shelf.names.get((source, name)) for name in known.links)
            for known in texts.values()
        )
    }
