"""What a test of web push asks of a browser, whichever it is."""

import threading
from collections.abc import Callable
from typing import Any, Protocol

WAIT_SECONDS = 20.0


class Driver(Protocol):
    """A browser with one tab that is driven; others may be opened by what it runs."""

    def allow_notifications(self, origin: str) -> None:
        """As if the user had said yes to this origin before."""

    def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited, as JSON; run as if by a gesture of the user."""

    def click(self, selector: str) -> None:
        """Press the first element of this selector with the pointer."""

    def addresses(self) -> list[str]:
        """The address of every tab."""

    def close_others(self) -> None:
        """Close all tabs but the one that is driven."""


def wait_until(condition: Callable[[], Any], what: str = "") -> Any:
    """The first true value of `condition`, which is asked again and again. Raises AssertionError when it never is."""
    pause = threading.Event()
    for _ in range(int(WAIT_SECONDS / 0.05)):
        found = condition()
        if found:
            return found
        pause.wait(0.05)
    raise AssertionError(f"it never became true: {what or condition}")
