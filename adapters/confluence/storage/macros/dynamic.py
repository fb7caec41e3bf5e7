"""Macros whose content is found while somebody looks: nothing that could stand in an article.

Most of them would show readers what only the team should see: issues, people, tasks, other pages' tables.
"""

from adapters.confluence.storage.macros.macro import Macro, Renderer
from adapters.confluence.storage.writing import Writing

# Tools for people in the wiki, nothing a reader misses.
_SILENT = ("livesearch", "recently-updated", "create-from-template", "pagetreesearch", "favpages", "navmap")
_NAMED = (
    "blog-posts",
    "calendar",
    "content-report-table",
    "contentbylabel",
    "contributors",
    "detailssummary",
    "jira",
    "jirachart",
    "jiraissues",
    "profile",
    "profile-picture",
    "related-labels",
    "roadmap",
    "spaces",
    "tasks-report-macro",
    "userlister",
)


def _silent(_macro: Macro, _writing: Writing) -> str:
    return ""


def _named(macro: Macro, writing: Writing) -> str:
    key = macro.get("key")
    which = f" ({key[:40]})" if key and macro.name.startswith("jira") else ""
    writing.warn(f"the macro “{macro.name}”{which} is left out: what it shows is only there in Confluence")
    return ""


RENDERERS: dict[str, Renderer] = {**dict.fromkeys(_SILENT, _silent), **dict.fromkeys(_NAMED, _named)}
