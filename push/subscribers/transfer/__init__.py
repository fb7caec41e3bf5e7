"""Moving subscribers to another server: a documented file of JSON lines (docs/push-portability.md), out and in."""

from push.subscribers.transfer.reading import Imported, bring_in
from push.subscribers.transfer.writing import Exported, export

__all__ = ["Exported", "Imported", "bring_in", "export"]
