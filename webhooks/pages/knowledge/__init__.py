"""The screens of the knowledge base: sources, targets and plans, decisions, documents, coverage, the search."""

from webhooks.pages.knowledge import coverage, deciding, documents, finding, overview, planning

__all__ = ["coverage", "deciding", "documents", "finding", "overview", "planning"]
