"""What a double has seen: filled by its thread, waited for by the test's."""

import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
WAIT_SECONDS = 20.0


class Records(Generic[T]):
    """A list that only grows, and that can be waited for."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._grown = threading.Condition()

    def add(self, item: T) -> None:
        with self._grown:
            self._items.append(item)
            self._grown.notify_all()

    def wait(self, wanted: Callable[[T], object] = lambda item: True, *, since: int = 0) -> T:
        """The first wanted one, after the first `since`. Raises AssertionError when it does not come."""
        with self._grown:
            found: list[T] = []

            def arrived() -> bool:
                found[:] = [item for item in self._items[since:] if wanted(item)]
                return bool(found)

            if not self._grown.wait_for(arrived, WAIT_SECONDS):
                raise AssertionError(f"it never came; there were {self._items[since:]}")
            return found[0]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        with self._grown:
            return iter(tuple(self._items))
