"""The next ticket for an agent."""

from typing import Any, NoReturn

from deskside.store.database import Row
from webhooks import claims
from webhooks.api import schemas
from webhooks.api.operation import operation, refuse
from webhooks.context import current

NOT_THEIRS = "This agent does not have this ticket"


@operation("POST", "/queue/next", scope="queue:write", answer=schemas.Given, body=schemas.NextBody)
def give_next(agent: str, pools: list[str]) -> dict[str, Any]:
    """Give an agent the next ticket.

    Nobody else is given it for a while. Who has one already gets the same again, and has it for longer.
    """
    given = claims.give_next(agent, pools)
    return {"ticket": None if given.row is None else _claim(given.row), "skipped": given.skipped}


@operation(
    "POST",
    "/tickets/<desk>/<ticket_id>/renew",
    scope="queue:write",
    answer=schemas.Claim,
    body=schemas.AgentBody,
    problems={409: NOT_THEIRS},
)
def renew_claim(desk: str, ticket_id: str, agent: str) -> dict[str, Any]:
    """Let an agent have their ticket for longer."""
    row = claims.renew(desk, ticket_id, agent)
    if row is None:
        _not_theirs(desk, ticket_id, agent)
    return _claim(row)


@operation(
    "POST",
    "/tickets/<desk>/<ticket_id>/give-back",
    scope="queue:write",
    answer=schemas.Released,
    body=schemas.AgentBody,
    problems={409: NOT_THEIRS},
)
def give_back(desk: str, ticket_id: str, agent: str) -> dict[str, Any]:
    """Give a ticket back: it is next again, for this agent too."""
    if not claims.give_back(desk, ticket_id, agent):
        _not_theirs(desk, ticket_id, agent)
    return {"desk": desk, "ticket_id": ticket_id}


@operation(
    "POST",
    "/tickets/<desk>/<ticket_id>/skip",
    scope="queue:write",
    answer=schemas.Move,
    body=schemas.SkipBody,
    problems={409: NOT_THEIRS},
)
def skip_ticket(desk: str, ticket_id: str, agent: str, reason: str) -> Row:
    """Pass a ticket over. It keeps its place for everybody else, and the reason is shown to all."""
    logged = claims.skip(desk, ticket_id, agent, reason)
    if logged is None:
        _not_theirs(desk, ticket_id, agent)
    return logged


def _claim(row: Row) -> dict[str, Any]:
    url = current().actions.ticket_url(row.desk, row.ticket_id)
    return {**row._mapping, "client": row.client_name, "url": url}


def _not_theirs(desk: str, ticket_id: str, agent: str) -> NoReturn:
    refuse(409, f"{agent} does not have ticket {ticket_id} of {desk}, or not any more")
