"""What the answer of a push service means."""

from enum import StrEnum


class Verdict(StrEnum):
    """What came of one push."""

    ACCEPTED = "accepted"
    GONE = "gone"
    MISMATCH = "mismatch"
    STOP = "stop"
    TOO_LARGE = "too_large"
    INVALID = "invalid"
    LATER = "later"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
