"""The knowledge base of WHMCS as a place where articles are read, through the addon: its API has no action for it."""

from adapters.whmcs.knowledge.plugin import KnowledgePlugin

__all__ = ["KnowledgePlugin"]
