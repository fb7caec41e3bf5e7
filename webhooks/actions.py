"""What a person may set in motion from a page or the API; the wiring supplies it, so that no page knows the jobs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import marshmallow
import sqlalchemy as sa

from deskside.model.boost import Offers, Wish
from deskside.model.weights import Change
from deskside.store.moves import Answer


class Move(Protocol):
    """How a waiting ticket is moved; `expected` is the place that was shown to whoever decided."""

    def __call__(
        self,
        desk: str,
        ticket_id: str,
        kind: str,
        by: str,
        reason: str,
        *,
        dry_run: bool = False,
        expected: int | None = None,
    ) -> Answer | None:
        """What came of it."""


class AskBoost(Protocol):
    """How a better place is asked for: `description` is the line of its invoice, `expected` the place shown."""

    def __call__(self, desk: str, ticket_id: str, kind: str, by: str, description: str, expected: int | None) -> Wish:
        """What came of it."""


class ApplyKnowledge(Protocol):
    """How actions of a stored plan are applied; without `ids` all of them."""

    def __call__(
        self,
        connection: sa.Connection,
        plan_id: int,
        ids: Sequence[str] | None,
        by: str,
        allow_archive: int | None = None,
    ) -> bool:
        """Have it done by a worker; false without a knowledge base."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Each only writes rows and returns at once.

    `check_again(desk, ticket_id, asked_by)` asks for a fresh health check; false when one was asked for less than a
    minute ago. `replay_delivery(inbox_id)` and `replay_effect(key)` put a dead one back to work; false when there is
    no such row. `ticket_url(desk, ticket_id)` is where the desk shows the ticket, None for a desk not configured.
    `desk_title(desk)` is what people call the desk: its own name, if it is not configured.
    `access_given(desk, ticket_id)` asks for a check with the access that a client has just given. `move(desk,
    ticket_id, kind, by, reason)` moves a waiting ticket forward, or says with `dry_run` what would come of it; None for
    a ticket that does not wait. `change_weights` does what somebody decided; raises Superseded or Unfair of
    `deskside.model.weights`. `boost_offers(desk, ticket_id)` is what can be bought for a ticket, None where nothing is
    sold for it; `ask_boost` has the invoice written for one of these. `push_soon(connection)` has looked, once the
    transaction is committed, which pushes are to go out, instead of at the clock's next tick. `digest_kinds()` are the
    kinds of sources of digests with the schema of their options, none where push is off. `look_at_source(connection,
    id)` has one looked at, and `send_digest(connection, id, by)` a draft sent, by a worker once the transaction is
    committed; false where push is off. `portal_secrets(desk)` are those a desk's own pages sign their visitors with.
    `look_at_knowledge(connection, by)` has sources and targets of the knowledge base looked at and a new plan made,
    `apply_knowledge` has actions of a stored plan applied; false without a knowledge base.
    `decide_knowledge(connection, binding_id, decision, seen, by)` notes what a person decided about drift or a conflict
    (`deskside.knowledge.decisions`) and has it done; false when the binding is not managed any more.
    `ask_candidate(desk, ticket_id, by)` has a draft made of a ticket that no article answers; false when there is one.
    """

    check_again: Callable[[str, str, str], bool]
    replay_delivery: Callable[[int], bool]
    replay_effect: Callable[[str], bool]
    ticket_url: Callable[[str, str], str | None]
    desk_title: Callable[[str], str]
    access_given: Callable[[str, str], None]
    move: Move
    change_weights: Callable[[Change], None]
    boost_offers: Callable[[str, str], Offers | None]
    ask_boost: AskBoost
    push_soon: Callable[[sa.Connection], None]
    digest_kinds: Callable[[], Mapping[str, type[marshmallow.Schema]]]
    look_at_source: Callable[[sa.Connection, int], bool]
    send_digest: Callable[[sa.Connection, int, str], bool]
    portal_secrets: Callable[[str], Sequence[str]]
    look_at_knowledge: Callable[[sa.Connection, str], bool]
    apply_knowledge: ApplyKnowledge
    decide_knowledge: Callable[[sa.Connection, int, str, str, str], bool]
    ask_candidate: Callable[[str, str, str], bool]
