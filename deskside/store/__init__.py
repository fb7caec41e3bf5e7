"""The store: one set of tables and queries for SQLite and PostgreSQL, through SQLAlchemy."""
