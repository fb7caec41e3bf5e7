"""What helps when a source or a target fails, by the words of its error."""

import re

from flask_babel import lazy_gettext

from webhooks.pages.words import gettext

_CURES = (
    (
        re.compile(r"bytes|characters|fit|cannot keep", re.I),
        lazy_gettext("Shorten the article at its source, or divide it; the next look tries again."),
    ),
    (
        re.compile(r"\b401\b|unauthori[sz]ed|token|credentials|password", re.I),
        lazy_gettext("Its token has ended or is wrong: make a new one and put it into %(variable)s."),
    ),
    (
        re.compile(r"\b403\b|forbidden|permission|not allowed|denied", re.I),
        lazy_gettext("Whom the token stands for may not do this: give them the right, or take the token of another."),
    ),
    (
        re.compile(r"\b429\b|too many|rate limit|busy", re.I),
        lazy_gettext("It was asked too much. Nothing is to be done: the next look waits long enough."),
    ),
    (
        re.compile(r"shallow|dirty|checkout|commit", re.I),
        lazy_gettext("Bring the checkout into order (git status, git fetch --unshallow), then look again."),
    ),
    (
        re.compile(r"no such|not found|\b404\b|does not exist", re.I),
        lazy_gettext("What the configuration names is not there: see the section %(section)s."),
    ),
    (
        re.compile(r"timed? ?out|connect|resol|\bHTTP 5\d\d\b|answered 5\d\d|does not answer|no answer", re.I),
        lazy_gettext("It does not answer. The next look tries again; if it stays so, see whether it is up."),
    ),
)


def cure(what: str, name: str, error: str, state: str = "") -> str:
    """What a person may do about the error of one of the "sources" or "targets"."""
    if state == "shrunk":
        return gettext(
            "Nothing is archived on the word of this listing. If so much was removed, type the number in the plan."
        )
    section = f"[knowledge.{what}.{name}]"
    variable = f"DESKSIDE_KNOWLEDGE__{what.upper()}__{name.upper()}__TOKEN"
    for pattern, words in _CURES:
        if pattern.search(error):
            return str(words) % {"variable": variable, "section": section}
    return gettext("See the section %(section)s, and what “deskside check” says.", section=section)
