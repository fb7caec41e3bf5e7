"""Which pools can take a ticket: rules over what a ticket says of itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from deskside.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class PoolRule:
    """A pool, and what a ticket must be like to be in it: each condition that is given must hold.

    A condition lists what is allowed, compared without regard to case: `groups` the desk's own groups, `tags` any tag
    of the ticket or its client, `languages` primary subtags of the requester's language, `fields` the values of a
    field of the ticket or the client by the field's name. `calendar` names the working time of the pool ("" is the
    common one).
    """

    name: str
    groups: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    calendar: str = ""

    def takes(self, ticket: Ticket) -> bool:
        """Whether a ticket fulfils every condition."""
        return (
            _among(self.groups, [ticket.pool])
            and _among(self.tags, ticket.tags | ticket.client.tags)
            and _among(self.languages, [ticket.language])
            and all(
                _among(allowed, [ticket.fields.get(name, ""), ticket.client.fields.get(name, "")])
                for name, allowed in self.fields.items()
            )
        )


@dataclass(frozen=True, slots=True)
class Pools:
    """The pools of a ticket, the first of which is its own, and the calendar they share."""

    names: tuple[str, ...]
    calendar: str = ""


def pools_for(ticket: Ticket, rules: Sequence[PoolRule]) -> Pools:
    """The pools whose rules a ticket fulfils, in the rules' order; the desk's own group where none does.

    A ticket has one key, and keys of different calendars cannot be compared: of the pools that take it, those with the
    first one's calendar count.
    """
    taking = [rule for rule in rules if rule.takes(ticket)]
    if not taking:
        return Pools((ticket.pool,))
    calendar = taking[0].calendar
    names = dict.fromkeys(rule.name for rule in taking if rule.calendar == calendar)
    return Pools(tuple(names), calendar)


def _among(allowed: frozenset[str], found: Iterable[str]) -> bool:
    return not allowed or any(text.strip().lower() in allowed for text in found)
