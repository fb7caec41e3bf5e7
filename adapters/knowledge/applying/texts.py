"""Writing texts: read directly before, written, read back. What was read back is the base of the next comparison."""

from collections.abc import Sequence

from adapters.knowledge import actions, indexing
from adapters.knowledge.actions import Action
from adapters.knowledge.applying import filing
from adapters.knowledge.applying.work import Skip, Work
from adapters.knowledge.rendering import refusals, render
from adapters.knowledge.shelf import Wanted, WantedText
from adapters.knowledge.subject import Seen, read_back, seen_both
from deskside.errors import Gone, Permanent
from deskside.knowledge import bindings, documents
from deskside.knowledge.bindings import Binding
from deskside.markup.meaning import semantic_hash
from deskside.model.article import Article, ArticleText, Text
from deskside.store.database import reading, utc_now


def in_order(found: Sequence[Action], firsts: dict[str, str]) -> list[Action]:
    """Texts in the order in which they are written: marks first, then what others are translated from.

    A mark must not be lost when the run is killed: once the text that was translated has changed, nothing tells.
    """

    def rank(action: Action) -> tuple[bool, bool]:
        return action.kind != actions.OUTDATED, action.language != firsts.get(action.id, action.language)

    return sorted(found, key=rank)


def write(work: Work, action: Action) -> bool:
    """Write one text. A new one stays hidden until `show`: the action is not done with this."""
    wanted = work.want(action)
    want = wanted.texts[action.language]
    key = wanted.source, wanted.document
    article_id = work.article_id(key)
    if not article_id:
        raise Skip("its article is not there")
    new = action.kind == actions.CREATE
    own = new and key in work.made and action.language == wanted.first
    if own and key in work.whole:
        return False
    binding = work.binding(key, action.language) or _bind(work, wanted, action.language, article_id)
    if new and binding.readback_hash and binding.readback_hash == action.target_hash:
        # An earlier run wrote it, and it is only to be shown: that reads it again.
        return False
    article = None if own else read(work, article_id)
    if article is not None:
        text = article.texts.get(action.language)
        if _is_written(action, binding, want, text):
            return not new or not _to_show(want, text)
        _check(work, action, wanted, want, binding, article, text)
        if new and text is not None and _means(work, want, text):
            return False
    _put(work, want, article_id, hidden=new or want.draft, outdated=action.outdated)
    if not own:
        article = read(work, article_id)
    if new:
        if article is not None:
            _remember(work, binding, article, action.language)
        return False
    assert article is not None
    keep(work, wanted, action.language, article)
    if action.kind == actions.RESTORE and action.language == wanted.first:
        filing.restore(work, wanted, article)
    return True


def show(work: Work, action: Action) -> bool:
    """Show a new text, and read back what the target made of it."""
    wanted = work.want(action)
    want = wanted.texts[action.language]
    key = wanted.source, wanted.document
    article_id = work.article_id(key)
    if not article_id:
        raise Skip("its article is not there")
    if not want.draft:
        if key not in work.made:
            text = read(work, article_id).texts.get(action.language)
            if text is None or not (_means(work, want, text) or _is_base(work, key, action.language, text)):
                raise Skip("somebody changed it in the target before it was shown")
        _put(work, want, article_id, hidden=False, outdated=action.outdated)
    keep(work, wanted, action.language, read(work, article_id), made=True)
    return True


def read(work: Work, article_id: str) -> Article:
    """An article as it is now. Raises Skip when it was removed."""
    try:
        return work.patience.call(work.target.read, article_id)
    except Gone:
        raise Skip("it was removed from the target since the plan") from None


def keep(work: Work, wanted: Wanted, language: str, article: Article, *, made: bool = False) -> None:
    """Store what the target made of a text that was written: the base of the next comparison.

    `made` is for an article that was made with its labels and its readers.
    """
    text = article.texts.get(language)
    if text is None:
        raise Permanent("the target took the text, and does not have it")
    key = wanted.source, wanted.document
    binding = work.binding(key, language)
    assert binding is not None
    want = wanted.texts[language]
    values: dict[str, object] = {
        **read_back(text),
        "content_hash": want.known.content_hash,
        "rendered_hash": want.text_hash,
        "state": bindings.DRAFT if text.draft else bindings.LIVE,
        "decision": "",
        "decided_hash": "",
        "error": "",
    }
    if made and language == wanted.first and binding.filed_hash == wanted.filed_hash:
        values["labels"] = sorted(set(wanted.place.labels) & set(article.labels))
        values["segment"] = article.segment
    with work.database.begin() as connection:
        bindings.change(connection, binding.id, utc_now(), **values)
    work.reload(key)
    indexing.put(work.database, work.target, [article])


def _remember(work: Work, binding: Binding, article: Article, language: str) -> None:
    """Note what became of a text that is still hidden, so that a later run knows it for ours."""
    text = article.texts.get(language)
    if text is not None:
        with work.database.begin() as connection:
            bindings.change(connection, binding.id, utc_now(), **read_back(text))


def _bind(work: Work, wanted: Wanted, language: str, article_id: str) -> Binding:
    with work.database.begin() as connection:
        bindings.bind(
            connection, wanted.source, wanted.document, language, work.target.name, article_id, wanted.marker, utc_now()
        )
    key = wanted.source, wanted.document
    work.reload(key)
    found = work.binding(key, language)
    assert found is not None
    return found


def _put(work: Work, want: WantedText, article_id: str, *, hidden: bool, outdated: bool) -> None:
    title, html = _rendered(work, want)
    why = refusals(title, html, work.target.limits())
    if why:
        raise Permanent("; ".join(why))
    # A PUT may be repeated: whoever changed the text in between would have had to do so within this request.
    work.patience.call(work.target.write_text, article_id, Text(want.language, title, html, hidden, outdated))


def _rendered(work: Work, want: WantedText) -> tuple[str, str]:
    with reading(work.database) as connection:
        html = documents.html(connection, want.known)
        uploads = bindings.uploads(connection, work.target.name)
    return want.known.title, render(html, want, work.side, work.address, uploads).html


def _means(work: Work, want: WantedText, text: ArticleText) -> bool:
    return semantic_hash(text.title, text.html) == semantic_hash(*_rendered(work, want))


def _is_base(work: Work, key: tuple[str, str], language: str, text: ArticleText) -> bool:
    binding = work.binding(key, language)
    return (
        binding is not None
        and bool(binding.readback_hash)
        and binding.readback_hash == semantic_hash(text.title, text.html)
    )


def _to_show(want: WantedText, text: ArticleText | None) -> bool:
    return text is not None and text.draft and not want.draft


def _is_written(action: Action, binding: Binding, want: WantedText, text: ArticleText | None) -> bool:
    """Whether an earlier run of the same plan has done this already."""
    return (
        text is not None
        and binding.rendered_hash == want.text_hash
        and binding.readback_hash == semantic_hash(text.title, text.html)
        and (binding.state == bindings.DRAFT) == text.draft
        and text.outdated == action.outdated
        and not binding.decision
        and binding.content_hash == want.known.content_hash
    )


def _check(
    work: Work,
    action: Action,
    wanted: Wanted,
    want: WantedText,
    binding: Binding,
    article: Article,
    text: ArticleText | None,
) -> None:
    """Raise unless the target has what the plan was made of."""
    if article.locked:
        raise Permanent(article.locked)
    if text is None:
        if action.kind != actions.CREATE:
            raise Skip("this language was removed from the target since the plan")
        return
    found = semantic_hash(text.title, text.html)
    if action.kind == actions.CREATE and not action.target_hash:
        known = bool(binding.readback_hash) and binding.readback_hash == found
        if text.html.strip() and not known and not _means(work, want, text):
            raise Skip("the target has a text there that was not seen by the plan")
        return
    if not action.target_hash:
        raise Skip("the plan does not say what the target had")
    filed = action.filed_hash if action.language == wanted.first else ""
    seen = Seen(found, changed=False, hidden=text.draft)
    now = seen_both(action.source_hash, filed, seen, article)
    if found != action.target_hash or (action.seen and action.seen != now):
        raise Skip("somebody changed it in the target since the plan")
