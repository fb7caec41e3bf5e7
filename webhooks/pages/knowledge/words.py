"""The words of the knowledge base in the reader's language."""

from urllib.parse import urlsplit

from flask_babel import lazy_gettext

SOURCE_STATES = {
    "new": lazy_gettext("not read yet"),
    "good": lazy_gettext("good"),
    "failed": lazy_gettext("cannot be read"),
    "shrunk": lazy_gettext("much less than before"),
}
STATES = {
    "live": lazy_gettext("live"),
    "draft": lazy_gettext("hidden draft"),
    "archived": lazy_gettext("archived"),
    "detached": lazy_gettext("detached"),
    "gone": lazy_gettext("removed by a person"),
}
PROOFS = {
    "": lazy_gettext("not asked for alone yet"),
    "gone": lazy_gettext("the source says it is deleted"),
    "there": lazy_gettext("the source still has it, though it does not list it"),
    "denied": lazy_gettext("the source does not let us see it"),
    "unclear": lazy_gettext("the source did not answer"),
}
DECISIONS = {
    "restore": lazy_gettext("our text is put back"),
    "keep": lazy_gettext("their text stays"),
    "detach": lazy_gettext("not managed any more"),
}
STEPS = {
    "section": lazy_gettext("made a section"),
    "article": lazy_gettext("made the article"),
    "asset": lazy_gettext("uploaded a file"),
    "archive": lazy_gettext("archived"),
    "redirect": lazy_gettext("sent readers on"),
}
STEP_STATES = {
    "intent": lazy_gettext("begun"),
    "done": lazy_gettext("done"),
    "failed": lazy_gettext("refused"),
}
ONLY = {
    "": lazy_gettext("All"),
    "unpublished": lazy_gettext("Not published"),
    "failed": lazy_gettext("Refused by a target"),
    "warned": lazy_gettext("With warnings"),
    "drafts": lazy_gettext("Drafts"),
    "missing": lazy_gettext("Missing at the source"),
}
PLAN_STATES = {
    "open": lazy_gettext("not applied yet"),
    "applying": lazy_gettext("is being applied"),
    "applied": lazy_gettext("applied"),
    "stopped": lazy_gettext("stopped"),
}
MAKERS = {
    "cli": lazy_gettext("from the command line"),
    "clock": lazy_gettext("by the clock"),
    "page": lazy_gettext("from this page"),
}
ACTIONS = {
    "create": lazy_gettext("new"),
    "update": lazy_gettext("update"),
    "file": lazy_gettext("move or label"),
    "outdated": lazy_gettext("mark as outdated"),
    "restore": lazy_gettext("put back"),
    "archive": lazy_gettext("archive"),
    "unpublish": lazy_gettext("hide"),
    "drift": lazy_gettext("changed there"),
    "conflict": lazy_gettext("changed on both sides"),
    "held": lazy_gettext("held back"),
    "removed": lazy_gettext("removed there"),
    "refused": lazy_gettext("does not fit"),
    "unrouted": lazy_gettext("no route names it"),
}
OUTCOMES = {
    "done": lazy_gettext("done"),
    "skipped": lazy_gettext("left out"),
    "failed": lazy_gettext("failed"),
    "left": lazy_gettext("not reached"),
}


def link(address: str) -> str:
    """An address from outside that may stand in a link; one of any other scheme leads nowhere."""
    try:
        return address if urlsplit(address).scheme in ("http", "https") else "#"
    except ValueError:
        return "#"


def reason(text: str) -> str:
    """Why an action is planned, without what only the command line is told: the page asks for the number itself."""
    return sentence(text.partition(": say --allow-archive=")[0])


def sentence(text: str) -> str:
    """A reason with a capital letter and a full stop; an address keeps its small one."""
    first, space, rest = text.strip().partition(" ")
    if first.rstrip(",;:").isalpha():
        first = first[0].upper() + first[1:]
    told = f"{first}{space}{rest}"
    return told if not told or told.endswith((".", "!", "?", "…")) else f"{told}."
