"""Who is writing a reply, and which signed requests were done already."""

import sqlalchemy as sa
from alembic import op

from deskside.store.database import Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "reply_lock",
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("holder_name", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("taken_from", sa.String(length=120), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("desk", "ticket_id", name=op.f("pk_reply_lock")),
    )
    op.create_table(
        "seen_request",
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=200), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("source", "request_id", name=op.f("pk_seen_request")),
    )
    op.create_index("ix_seen_request_at", "seen_request", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("seen_request")
    op.drop_table("reply_lock")
