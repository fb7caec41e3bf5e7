"""Moving and labelling articles that are there; their ids stay, and with them addresses, votes and comments."""

from adapters.knowledge.actions import Action
from adapters.knowledge.applying.work import Skip, Work
from adapters.knowledge.shelf import Wanted
from adapters.knowledge.subject import filed_as, opened_or_closed
from deskside.errors import Gone
from deskside.knowledge import bindings
from deskside.knowledge.bindings import Binding
from deskside.model.article import Article
from deskside.store.database import utc_now


def file(work: Work, action: Action) -> bool:
    """Bring an article to where it should stand."""
    wanted = work.want(action)
    key = wanted.source, wanted.document
    binding = work.binding(key, wanted.first)
    if binding is None:
        raise Skip("its article is not there")
    article = _read(work, binding.article_id)
    if binding.section_id and article.section not in (binding.section_id, work.sections.get(wanted.place.section)):
        raise Skip("somebody moved it in the target since the plan")
    if opened_or_closed(binding, article):
        raise Skip("somebody changed who may read it in the target since the plan")
    _put(work, wanted, binding)
    return True


def restore(work: Work, wanted: Wanted, article: Article) -> None:
    """Bring an article back to where it should stand, after somebody moved it, took labels, or changed its readers."""
    binding = work.binding((wanted.source, wanted.document), wanted.first)
    if binding is None:
        return
    moved = binding.section_id and article.section != binding.section_id
    if moved or opened_or_closed(binding, article) or not set(binding.labels) <= set(article.labels):
        _put(work, wanted, binding)


def _put(work: Work, wanted: Wanted, binding: Binding) -> None:
    filing = work.filing(wanted, binding.labels)
    work.patience.call(work.target.file, binding.article_id, wanted.marker, filing)
    article = _read(work, binding.article_id)
    with work.database.begin() as connection:
        bindings.change(connection, binding.id, utc_now(), **filed_as(wanted, article))
    work.reload((wanted.source, wanted.document))


def _read(work: Work, article_id: str) -> Article:
    try:
        return work.patience.call(work.target.read, article_id)
    except Gone:
        raise Skip("it was removed from the target since the plan") from None
