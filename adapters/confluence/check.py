"""What `deskside check` tries of a Confluence, each failure with its cure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from adapters.confluence.api import Api, Space
from adapters.confluence.settings import Settings
from deskside.errors import DesksideError, Permanent
from deskside.ports import CheckResult

WARN_BEFORE = timedelta(days=30)
_RENEW = "make a new token with the scopes that docs/confluence.md names, and put it into the configuration"


def check(name: str, api: Api, settings: Settings) -> Sequence[CheckResult]:
    """The account, every space with what may be read in it, and the token's last day."""
    try:
        who = api.whoami()
    except DesksideError as error:
        return (CheckResult(f"{name}: account", False, str(error), _cure(error, _RENEW)), *_expiry(name, settings))
    return (
        CheckResult(f"{name}: account", True, f"reads as {who}"),
        *_spaces(name, api, settings),
        *_expiry(name, settings),
    )


def _spaces(name: str, api: Api, settings: Settings) -> Iterator[CheckResult]:
    try:
        found = api.spaces(settings.spaces)
    except DesksideError as error:
        yield CheckResult(f"{name}: spaces", False, str(error), _cure(error, _RENEW))
        return
    for key in settings.spaces:
        if key in found:
            yield _space(f"{name}: space {key}", api, found[key])
        else:
            yield CheckResult(
                f"{name}: space {key}",
                False,
                "is not there, or the account may not see it",
                "check the key, and let the account view the space (Space settings > Permissions)",
            )


def _space(title: str, api: Api, space: Space) -> CheckResult:
    try:
        first = next(iter(api.pages(space)), None)
        if first is not None:
            api.page(first.id)
            api.ancestors(first.id)
            api.files(first.id)
            api.restricted(first.id)
    except DesksideError as error:
        return CheckResult(title, False, str(error), _cure(error, _RENEW))
    return CheckResult(title, True, f"“{space.name}” can be read" if first else f"“{space.name}” has no page")


def _expiry(name: str, settings: Settings) -> Iterator[CheckResult]:
    title = f"{name}: token"
    if settings.token_expires is None:
        yield CheckResult(title, True, "its last day is not known: set token_expires to be warned 30 days before")
        return
    left = settings.token_expires - datetime.now(UTC).date()
    if left < timedelta(0):
        yield CheckResult(title, False, f"ended on {settings.token_expires}", _RENEW)
    elif left <= WARN_BEFORE:
        yield CheckResult(title, False, f"ends in {left.days} days, on {settings.token_expires}", _RENEW)
    else:
        yield CheckResult(title, True, f"lasts until {settings.token_expires}")


def _cure(error: DesksideError, cure: str) -> str:
    return cure if isinstance(error, Permanent) else "try again later"
