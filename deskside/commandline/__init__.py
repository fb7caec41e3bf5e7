"""The command line: one file for each group of commands."""

from deskside.commandline.main import main

__all__ = ["main"]
