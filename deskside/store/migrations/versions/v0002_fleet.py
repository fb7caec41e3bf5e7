"""What the fleet's sweep, access to servers, incidents and probe budgets keep."""

import sqlalchemy as sa
from alembic import op

from deskside.store.database import Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("service_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("first_value", sa.BigInteger(), nullable=False),
        sa.Column("last_value", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("service_id", "name", name=op.f("pk_counter")),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("desk", "ticket_id", "service_id", name=op.f("uq_credential_desk_ticket_id_service_id")),
    )
    op.create_index("ix_credential_expires", "credential", ["expires_at"], unique=False)
    op.create_table(
        "credential_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_credential_link")),
    )
    op.create_table(
        "host",
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("ports", sa.JSON(), nullable=False),
        sa.Column("word", sa.String(length=8), server_default="unknown", nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("candidate", sa.String(length=8), server_default="", nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("flapping", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("checked_at", Utc(), nullable=True),
        sa.Column("alive_at", Utc(), nullable=True),
        sa.Column("rtt_ms", sa.Float(), nullable=True),
        sa.Column("baseline_ms", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_host")),
    )
    op.create_index("ix_host_word", "host", ["word", "since"], unique=False)
    op.create_table(
        "host_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("before", sa.String(length=8), nullable=False),
        sa.Column("word", sa.String(length=8), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_change")),
    )
    op.create_index("ix_host_change_address", "host_change", ["address", "at"], unique=False)
    op.create_index("ix_host_change_at", "host_change", ["at"], unique=False)
    op.create_table(
        "host_key",
        sa.Column("service_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_host_key")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_table(
        "probe_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_log")),
    )
    op.create_index("ix_probe_log_at", "probe_log", ["at"], unique=False)
    op.create_index("ix_probe_log_client", "probe_log", ["client", "at"], unique=False)
    op.create_table(
        "sweep",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("hosts", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.Column("braked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
    )
    op.create_index("ix_sweep_at", "sweep", ["at"], unique=False)
    op.add_column("service", sa.Column("status", sa.String(length=16), server_default="active", nullable=False))


def downgrade() -> None:
    for table in (
        "sweep",
        "probe_log",
        "incident",
        "host_key",
        "host_change",
        "host",
        "credential_link",
        "credential",
        "counter",
    ):
        op.drop_table(table)
    op.drop_column("service", "status")
