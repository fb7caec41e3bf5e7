"""Encryption for one browser (RFC 8291)."""

MOST = 3993
MOST_ANDROID_FIREFOX = 2700
