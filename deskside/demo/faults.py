"""Trouble that is ordered: the faults a simulated desk still has to meet, and the commands that order them over HTTP.

Which kinds there are, and which request meets which fault, is each desk's own.
"""

import threading
from collections.abc import Callable, Collection
from typing import Any, Generic, Protocol, TypeVar

from flask import Blueprint, request


class Trouble(Protocol):
    """One kind of fault for the next `count` requests that it fits."""

    kind: str
    count: int

    def fits(self, *asked: str) -> bool:
        """Whether a request of these makings meets it."""


T = TypeVar("T", bound=Trouble)


class Faults(Generic[T]):
    """The faults still to come, first in, first used. `make` makes one, and raises ValueError for an unknown kind."""

    def __init__(self, make: Callable[..., T]) -> None:
        self.waiting: list[T] = []
        self._make = make
        self._lock = threading.Lock()

    def next(self, kind: str, *about: Any, **options: Any) -> T:
        """Order a fault, as it is made. Raises ValueError for an unknown kind."""
        fault = self._make(kind, *about, **options)
        with self._lock:
            self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all that were ordered."""
        with self._lock:
            self.waiting.clear()

    def take(self, kinds: Collection[str], *asked: str) -> T | None:
        """The first fault of these kinds that fits the request, used up by one."""
        with self._lock:
            for fault in self.waiting:
                if fault.kind in kinds and fault.count > 0 and fault.fits(*asked):
                    fault.count -= 1
                    if fault.count == 0:
                        self.waiting.remove(fault)
                    return fault
        return None


def commanded(pages: Blueprint, faults: Callable[[], Faults[Any]]) -> None:
    """Let `/faults` on these pages order faults, list them and forget them."""

    @pages.post("/faults")
    def order() -> Any:
        """Order a fault: the arguments of `Faults.next` as JSON."""
        given = request.get_json(force=True, silent=True)
        if not isinstance(given, dict) or "kind" not in given:
            return {"error": "a JSON object with a kind is needed"}, 400
        try:
            faults().next(**given)
        except (TypeError, ValueError) as error:
            return {"error": str(error)}, 400
        return {"waiting": len(faults().waiting)}, 201

    @pages.get("/faults")
    def waiting() -> Any:
        """The faults still to come."""
        return {"faults": [vars(fault) for fault in faults().waiting]}

    @pages.delete("/faults")
    def clear() -> Any:
        """Forget them."""
        faults().clear()
        return "", 204
