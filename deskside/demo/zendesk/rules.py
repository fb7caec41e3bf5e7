"""What a change sets off: event webhooks, and triggers that call webhooks."""

import re
from collections.abc import Iterator

from deskside.demo.zendesk import conditions, events, shapes
from deskside.demo.zendesk.events import Happening
from deskside.demo.zendesk.sender import Sender
from deskside.demo.zendesk.state import Comment, State, Ticket, Trigger, User, Webhook

CONDITIONAL = "conditional_ticket_events"
PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")


class Rules:
    """Listens to the desk and hands deliveries to the sender."""

    def __init__(self, state: State, sender: Sender) -> None:
        self.state = state
        self.sender = sender

    def changed(
        self, ticket: Ticket, actor: User, happenings: list[Happening], update_type: str, comment: Comment | None
    ) -> None:
        """Tell every webhook that subscribed to what happened, then run the triggers."""
        for happening in happenings:
            kind = events.PREFIX + happening.name
            webhooks = [row for row in self._active() if kind in row.subscriptions]
            if webhooks:
                body = events.body(events.envelope(happening, ticket, actor, self.state))
                for webhook in webhooks:
                    self.sender.send(webhook, self.state.account_id, kind, body)
        moment = conditions.Moment(update_type, comment)
        for trigger in sorted(self.state.triggers.values(), key=lambda row: row.position):
            if trigger.active and conditions.match(self.state, ticket, trigger.all, trigger.any, moment):
                self._fire(trigger, ticket, actor)

    def _active(self) -> Iterator[Webhook]:
        return (row for row in list(self.state.webhooks.values()) if row.status == "active")

    def _fire(self, trigger: Trigger, ticket: Ticket, actor: User) -> None:
        for action in trigger.actions:
            value = action.get("value")
            if action.get("field") != "notification_webhook" or not isinstance(value, list) or not value:
                continue
            webhook = self.state.webhooks.get(str(value[0]))
            if webhook is None or webhook.status != "active" or CONDITIONAL not in webhook.subscriptions:
                continue
            body = str(value[1]) if len(value) > 1 else ""
            self.sender.send(webhook, self.state.account_id, CONDITIONAL, self.fill(body, ticket, actor).encode())

    def fill(self, text: str, ticket: Ticket, actor: User) -> str:
        """Put a ticket's values in the placeholders, as raw text: a quote in a subject breaks hand-written JSON."""
        requester = self.state.users.get(ticket.requester_id)
        assignee = self.state.users.get(ticket.assignee_id or 0)
        group = self.state.groups.get(ticket.group_id or 0)
        organization = self.state.organizations.get(ticket.organization_id or 0)
        latest = ticket.comments[-1].body if ticket.comments else ""
        values = {
            "ticket.id": ticket.id,
            "ticket.title": ticket.subject,
            "ticket.description": ticket.description,
            "ticket.status": ticket.status.capitalize(),
            "ticket.priority": (ticket.priority or "-").capitalize(),
            "ticket.external_id": ticket.external_id or "",
            "ticket.tags": " ".join(ticket.tags),
            "ticket.latest_comment": latest,
            "ticket.created_at_with_timestamp": shapes.stamp(ticket.created_at),
            "ticket.updated_at_with_timestamp": shapes.stamp(ticket.updated_at),
            "ticket.requester.name": requester.name if requester else "",
            "ticket.requester.email": requester.email if requester else "",
            "ticket.requester.id": ticket.requester_id,
            "ticket.assignee.name": assignee.name if assignee else "",
            "ticket.group.name": group.name if group else "",
            "ticket.organization.name": organization.name if organization else "",
            "current_user.id": actor.id,
            "current_user.name": actor.name,
        }
        return PLACEHOLDER.sub(lambda found: str(values.get(found[1], "")), text)
