"""The headers of a push message (RFC 8030, 5)."""

import hashlib
import re

from deskside import __version__
from push.wire.vapid import encoded

# Four weeks: as long as any service keeps a message.
_LONGEST_TTL = 2_419_200
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_CONSTANT = (
    "Content-Encoding: aes128gcm",
    "Content-Type: application/octet-stream",
    f"User-Agent: deskside/{__version__}",
    "Accept:",
)


def headers(host: str, authorization: str, ttl: int, urgency: str, topic: str) -> list[str]:
    """The header lines of one message; `ttl` in seconds."""
    ttl = min(max(ttl, 0), _LONGEST_TTL)
    lines = [f"TTL: {ttl}", f"Urgency: {urgency}", f"Authorization: {authorization}", *_CONSTANT]
    if topic:
        lines.append(f"Topic: {topic_of(topic)}")
    if host.endswith(".notify.windows.com"):
        # Microsoft refuses a TTL that contradicts what it takes for the cache policy.
        lines.append(f"X-WNS-Cache-Policy: {'cache' if ttl else 'no-cache'}")
    return lines


def topic_of(text: str) -> str:
    """The text itself where it can be a Topic (RFC 8030, 5.4), else a hash of it that can."""
    if _TOPIC.fullmatch(text):
        return text
    return encoded(hashlib.sha256(text.encode(errors="replace")).digest())[:32]
