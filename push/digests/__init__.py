"""Digests: candidates from many sources, the team's votes, a score anybody can read, and a page for each person."""
