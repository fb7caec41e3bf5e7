"""What the queue at its full depth keeps: pools, turns, estimates, weights, moves, claims."""

import sqlalchemy as sa
from alembic import op

from deskside.store.database import Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "estimate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(length=120), nullable=False),
        sa.Column("shown_in", sa.String(length=16), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("q50", sa.Integer(), nullable=True),
        sa.Column("q80", sa.Integer(), nullable=True),
        sa.Column("q90", sa.Integer(), nullable=True),
        sa.Column("actual", sa.Integer(), nullable=True),
        sa.Column("scored_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate")),
    )
    op.create_index("ix_estimate_scored", "estimate", ["pool", "scored_at"], unique=False)
    op.create_index("ix_estimate_ticket", "estimate", ["desk", "ticket_id", "number"], unique=False)
    op.create_table(
        "move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("position_before", sa.Integer(), nullable=False),
        sa.Column("position_after", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
    )
    op.create_index("ix_move_at", "move", ["at"], unique=False)
    op.create_index("ix_move_ticket", "move", ["desk", "ticket_id", "id"], unique=False)
    op.create_table(
        "turn",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(length=120), nullable=False),
        sa.Column("calendar", sa.String(length=64), server_default="", nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.Column("contributions", sa.JSON(), nullable=False),
        sa.Column("model", sa.Integer(), server_default="0", nullable=False),
        sa.Column("arrived_at", Utc(), nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("head_start", sa.Integer(), nullable=False),
        sa.Column("shadow_key", sa.BigInteger(), nullable=True),
        sa.Column("served_at", Utc(), nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("overtaken", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shadow_position", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("replied_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("desk", "ticket_id", "number", name=op.f("uq_turn_desk_ticket_id_number")),
    )
    op.create_index("ix_turn_replied", "turn", ["replied_at"], unique=False)
    op.create_index("ix_turn_served", "turn", ["pool", "served_at"], unique=False)
    op.create_table(
        "weights",
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("minutes", sa.JSON(), nullable=False),
        sa.Column("unfairness", sa.Float(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ended_by", sa.String(length=120), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_weights")),
    )
    op.create_table(
        "queue_entry",
        sa.Column("pool", sa.String(length=120), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", Utc(), nullable=False),
        sa.Column("health", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.id"], name=op.f("fk_queue_entry_ticket"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool", "key", "ticket", name=op.f("pk_queue_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_queue_entry_arrived", "queue_entry", ["pool", "arrived", "ticket"], unique=False)
    op.create_index("ix_queue_entry_bar", "queue_entry", ["pool", "health", "arrived_at"], unique=False)
    op.create_index("ix_queue_entry_ticket", "queue_entry", ["ticket"], unique=False)
    op.add_column("person", sa.Column("pools", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("ticket", sa.Column("pools", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("ticket", sa.Column("calendar", sa.String(length=64), server_default="", nullable=False))
    op.add_column("ticket", sa.Column("model", sa.Integer(), server_default="0", nullable=False))
    op.add_column("ticket", sa.Column("shadow_key", sa.BigInteger(), nullable=True))
    op.add_column("ticket", sa.Column("agent_id", sa.String(length=64), server_default="", nullable=False))
    op.add_column("ticket", sa.Column("agent_name", sa.Text(), server_default="", nullable=False))
    op.add_column("ticket", sa.Column("agent_language", sa.String(length=16), server_default="", nullable=False))
    op.add_column("ticket", sa.Column("first_reply_at", Utc(), nullable=True))
    op.add_column("ticket", sa.Column("due_at", Utc(), nullable=True))
    op.add_column("ticket", sa.Column("claimed_by", sa.String(length=120), server_default="", nullable=False))
    op.add_column("ticket", sa.Column("claimed_at", Utc(), nullable=True))
    op.add_column("ticket", sa.Column("claimed_until", Utc(), nullable=True))
    op.drop_index("ix_ticket_queue", table_name="ticket")
    op.drop_index("ix_ticket_waiting", table_name="ticket")
    op.create_index("ix_ticket_client", "ticket", ["desk", "client_id", "created_at"], unique=False)
    op.create_index("ix_ticket_claimed", "ticket", ["claimed_by"], unique=False)
    # As JSON text by the database itself: a list of the one pool each ticket was in.
    as_list = "json_array(pool)" if op.get_bind().dialect.name == "sqlite" else "json_build_array(pool)"
    op.execute("UPDATE ticket SET pools = " + as_list)  # noqa: S608 - one of the two texts above
    op.execute(
        "INSERT INTO queue_entry (pool, key, ticket, arrived, arrived_at, health) "
        "SELECT pool, key, id, arrived, arrived_at, health FROM ticket WHERE waiting"
    )


def downgrade() -> None:
    op.create_index(
        "ix_ticket_queue",
        "ticket",
        ["pool", "key", "id"],
        sqlite_where=sa.text("waiting = 1"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_index(
        "ix_ticket_waiting",
        "ticket",
        ["pool", "arrived", "health", "arrived_at"],
        sqlite_where=sa.text("waiting = 1"),
        postgresql_where=sa.text("waiting"),
    )
    op.drop_index("ix_ticket_claimed", table_name="ticket")
    op.drop_index("ix_ticket_client", table_name="ticket")
    for table in ("queue_entry", "weights", "turn", "move", "estimate"):
        op.drop_table(table)
    op.drop_column("person", "pools")
    for column in (
        "pools",
        "calendar",
        "model",
        "shadow_key",
        "agent_id",
        "agent_name",
        "agent_language",
        "first_reply_at",
        "due_at",
        "claimed_by",
        "claimed_at",
        "claimed_until",
    ):
        op.drop_column("ticket", column)
