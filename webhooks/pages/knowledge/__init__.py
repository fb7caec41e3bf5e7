"""The screens of the knowledge base: sources, targets and plans, decisions, documents, coverage, the search."""

from webhooks.pages.knowledge import deciding, documents, overview, planning

__all__ = ["deciding", "documents", "overview", "planning"]
