"""Every action of the API that the simulated WHMCS knows, by topic."""

from deskside.demo.whmcs.actions import accounts, messages, money, services, support, tickets, writing
from deskside.demo.whmcs.actions.registry import ACTIONS, Action, Call

__all__ = ["ACTIONS", "Action", "Call", "accounts", "messages", "money", "services", "support", "tickets", "writing"]
