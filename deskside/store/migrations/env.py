"""Runs migrations on the connection that `deskside.store.migrate` hands over."""

from alembic import context

from deskside.store.schema import metadata

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Two nodes that upgrade at once: the second waits here and then finds nothing to do.
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(72348642)")
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
