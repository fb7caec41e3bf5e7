"""Confluence's storage format and the HTML it becomes."""
