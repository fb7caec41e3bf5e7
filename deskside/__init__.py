"""Deskside sits at the side of a help desk and adds health, order, push and knowledge to it."""

__version__ = "0.1.0"
