"""Places in the queue that are paid for."""

import sqlalchemy as sa
from alembic import op

from deskside.store.database import Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "boost",
        sa.Column("marker", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("price", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=16), server_default="", nullable=False),
        sa.Column("place_before", sa.Integer(), nullable=False),
        sa.Column("place_shown", sa.Integer(), nullable=False),
        sa.Column("place_given", sa.Integer(), nullable=True),
        sa.Column("invoice_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("returned", sa.String(length=20), server_default="", nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("looked_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("marker", name=op.f("pk_boost")),
    )
    op.create_index("ix_boost_ticket", "boost", ["desk", "ticket_id"], unique=False)
    op.create_index("ix_boost_invoice", "boost", ["desk", "invoice_id"], unique=False)
    op.create_index("ix_boost_state", "boost", ["state", "asked_at"], unique=False)
    op.add_column("ticket", sa.Column("currency", sa.String(length=8), server_default="", nullable=False))
    op.add_column("ticket", sa.Column("ordinary_key", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("ticket", "ordinary_key")
    op.drop_column("ticket", "currency")
    op.drop_table("boost")
