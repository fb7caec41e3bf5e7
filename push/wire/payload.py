"""What a browser gets."""

import json
from dataclasses import asdict

from deskside.errors import Permanent
from push.model import Notification


def build(notification: Notification, most: int) -> bytes:
    """The payload, at most `most` bytes. Raises Permanent."""
    built = json.dumps(asdict(notification), ensure_ascii=False).encode()
    if len(built) > most:
        raise Permanent(f"the message has {len(built)} bytes; a browser takes {most}")
    return built
