"""The store: one set of tables and queries for SQLite and PostgreSQL, through SQLAlchemy."""

# Whoever uses the store at all knows every table of it.
from deskside.store import knowledge_tables, push_tables, tables

__all__ = ["knowledge_tables", "push_tables", "tables"]
