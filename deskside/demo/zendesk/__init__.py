"""A simulated Zendesk: the double of the real one for tests, and the desk of `deskside demo`.

It keeps everything in memory, speaks the part of the Support API that a companion of the desk needs, raises event
and trigger webhooks, signs and retries them as Zendesk does, and breaks on command.
"""

from deskside.demo.faults import Faults
from deskside.demo.zendesk.faults import Fault
from deskside.demo.zendesk.server import SimulatedZendesk
from deskside.demo.zendesk.stage import ZendeskStage

__all__ = ["Fault", "Faults", "SimulatedZendesk", "ZendeskStage"]
