"""Measurements against stated targets, each beside a peer measured in the same run."""
