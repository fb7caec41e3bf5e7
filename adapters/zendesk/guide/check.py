"""Proof, before anything is written, that a help centre takes what will be written."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.zendesk.guide.api import HelpCenter, NotAllowed, NotOffered
from adapters.zendesk.guide.articles import language_of
from adapters.zendesk.guide.catalogue import Catalogue
from deskside.errors import DesksideError, TargetRefuses
from deskside.ports import CheckResult
from deskside.text import clean

SCOPES = "let the OAuth client have `hc:read` and `hc:write` (or `read` and `write`), owned by a Guide admin"

GROUP = "let a Guide admin own the OAuth client, or set `permission_group` to the id of a group, which needs no list"


def preflight(
    name: str,
    center: HelpCenter,
    account: HelpCenter,
    catalogue: Catalogue,
    options: Mapping[str, Any],
    languages: Sequence[str],
    has_labels: Callable[[], bool],
) -> tuple[CheckResult, ...]:
    """Every check in order; without a help centre or a token the rest is not tried."""
    first = _guarded(f"{name} help centre", SCOPES, lambda: _languages(name, center, catalogue, languages))
    rights = _guarded(f"{name} rights", SCOPES, lambda: _rights(name, center, account))
    if not rights.ok:
        return first, rights
    return (
        first,
        rights,
        _guarded(f"{name} permission group", GROUP, lambda: _group(name, catalogue, options["permission_group"])),
        _guarded(f"{name} segment", "", lambda: _segment(name, catalogue, options["segment"])),
        _guarded(f"{name} labels", "", lambda: _labels(name, has_labels)),
        _guarded(f"{name} redirects", "", lambda: _redirects(name, center)),
    )


def _guarded(name: str, cure: str, look: Callable[[], CheckResult]) -> CheckResult:
    try:
        return look()
    except TargetRefuses as error:
        return CheckResult(name, False, str(error), cure or SCOPES)
    except DesksideError as error:
        return CheckResult(name, False, str(error), cure or "see the message")


def _languages(name: str, center: HelpCenter, catalogue: Catalogue, languages: Sequence[str]) -> CheckResult:
    try:
        enabled = catalogue.enabled_languages()
    except NotOffered:
        return CheckResult(
            f"{name} help centre",
            False,
            f"{center.url} has no help centre",
            "enable it in Guide, or name the subdomain of the brand that has one as `brand`",
        )
    missing = [language for language in languages if language_of(language) not in enabled]
    if missing:
        return CheckResult(
            f"{name} help centre",
            False,
            f"not enabled: {', '.join(missing)}; enabled are {', '.join(enabled)}",
            "enable these languages in Guide's settings, or let no route lead them here",
        )
    return CheckResult(f"{name} help centre", True, f"{center.url} has {', '.join(enabled)}")


def _rights(name: str, center: HelpCenter, account: HelpCenter) -> CheckResult:
    """Anybody may list public articles; only staff may list who edits them."""
    center.ask("GET", "help_center/articles.json", params={"page[size]": "1"})
    scopes = _scopes(account)
    if scopes and not scopes & {"write", "hc:write"}:
        return CheckResult(
            f"{name} rights", False, f"the token may not write articles; it has {', '.join(sorted(scopes))}", SCOPES
        )
    return CheckResult(f"{name} rights", True, "articles can be read" + (" and written" if scopes else ""))


def _scopes(account: HelpCenter) -> set[str]:
    """What the token may do; empty where it is no OAuth token, or may not look at itself."""
    try:
        token = account.ask("GET", "oauth/tokens/current.json").get("token")
    except (NotAllowed, NotOffered):
        return set()
    given = token.get("scopes") if isinstance(token, Mapping) else None
    return {clean(scope) for scope in given} if isinstance(given, list) else set()


def _group(name: str, catalogue: Catalogue, named: str) -> CheckResult:
    found = catalogue.permission_group(named)
    return CheckResult(
        f"{name} permission group", True, f"articles are managed by {named or 'the first group'} ({found})"
    )


def _segment(name: str, catalogue: Catalogue, named: str) -> CheckResult:
    if not named:
        return CheckResult(f"{name} segment", True, "everybody may read, where no route says otherwise")
    if catalogue.known_segment(named):
        return CheckResult(f"{name} segment", True, f"{named} may read, where no route says otherwise")
    return CheckResult(
        f"{name} segment", False, f"there is no user segment {named!r}", "name one of Guide's user segments, or its id"
    )


def _labels(name: str, has_labels: Callable[[], bool]) -> CheckResult:
    if has_labels():
        return CheckResult(f"{name} labels", True, "articles can be labelled")
    return CheckResult(
        f"{name} labels", True, "this plan has no labels: they are left out, and markers stand in the articles' bodies"
    )


def _redirects(name: str, center: HelpCenter) -> CheckResult:
    try:
        # Thirty a page is the most; more is an error without a list.
        center.ask("GET", "guide/redirect_rules", params={"page[size]": "1"})
    except (NotAllowed, NotOffered):
        return CheckResult(
            f"{name} redirects", True, "none can be set: that takes a Guide admin, and a plan that has redirect rules"
        )
    return CheckResult(f"{name} redirects", True, "archived articles can redirect")
