"""Polls: one vote a person, which can be changed, by a button or on a page with all the options."""
