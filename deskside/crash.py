"""Named crash points: the kill tests make the process die at an exact instruction."""

import os

_wanted, _, _nth = os.environ.get("DESKSIDE_CRASH_AT", "").partition(":")
_left = int(_nth or 1)


def crash_point(name: str) -> None:
    """Die as by `kill -9` when the environment says `DESKSIDE_CRASH_AT=<name>[:n]` and this is the n-th passage."""
    global _left
    if name != _wanted:
        return
    _left -= 1
    if _left <= 0:
        os.write(2, f"died at {name}\n".encode())
        os._exit(9)
