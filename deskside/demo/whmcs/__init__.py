"""A simulated WHMCS: the double of the real one for tests of the adapter, and the desk of `deskside demo --desk whmcs`.

It keeps everything in memory, answers `includes/api.php` with the shapes, quirks and errors that are documented or were
seen on real installs, pushes signed events as the addon inside WHMCS does, and breaks on command. It encodes beliefs:
what it does where the documentation is silent proves nothing about a licensed install.
"""

from deskside.demo.faults import Faults
from deskside.demo.whmcs.faults import Fault
from deskside.demo.whmcs.quirks import Quirks
from deskside.demo.whmcs.server import SimulatedWhmcs
from deskside.demo.whmcs.stage import WhmcsStage

__all__ = ["Fault", "Faults", "Quirks", "SimulatedWhmcs", "WhmcsStage"]
