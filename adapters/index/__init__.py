"""The local index as a target: articles that only signed-in people read, kept and shown by Deskside itself."""

from adapters.index.plugin import IndexPlugin

plugin = IndexPlugin()

__all__ = ["plugin"]
