"""Web push: subscribers, campaigns, chains, digests, polls, and what was sent to whom."""

import sqlalchemy as sa
from alembic import op

from deskside.store.database import Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="draft", nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column("start_at", Utc(), nullable=True),
        sa.Column("end_at", Utc(), nullable=True),
        sa.Column("late_minutes", sa.Integer(), server_default="60", nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("waterfall", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("made_from", sa.String(length=40), server_default="", nullable=False),
        sa.Column("created_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("stopped_by", sa.String(length=120), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index("ix_campaign_made", "campaign", ["made_from"], unique=False)
    op.create_index("ix_campaign_state", "campaign", ["state", "start_at"], unique=False)
    op.create_table(
        "chain",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="draft", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("entry", sa.String(length=12), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("again_days", sa.Integer(), nullable=True),
        sa.Column("paused_at", Utc(), nullable=True),
        sa.Column("freezes", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain")),
        sa.UniqueConstraint("name", name=op.f("uq_chain_name")),
    )
    op.create_table(
        "digest",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("cut_at", Utc(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("made_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("token", name=op.f("uq_digest_token")),
    )
    op.create_index("ix_digest_state", "digest", ["state", "made_at"], unique=False)
    op.create_table(
        "digest_source",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("options", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("baseline_at", Utc(), nullable=True),
        sa.Column("fetched_at", Utc(), nullable=True),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_source")),
        sa.UniqueConstraint("name", name=op.f("uq_digest_source_name")),
    )
    op.create_table(
        "poll",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("closes_at", Utc(), nullable=True),
        sa.Column("created_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("token", name=op.f("uq_poll_token")),
    )
    op.create_table(
        "push_origin",
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("blocked_until", Utc(), nullable=True),
        sa.Column("stopped_at", Utc(), nullable=True),
        sa.Column("stopped_reason", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_push_origin")),
    )
    op.create_table(
        "push_switch",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_push_switch")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=True),
        sa.Column("person", sa.String(length=120), nullable=True),
        sa.Column("client_id", sa.String(length=120), nullable=True),
        sa.Column("language", sa.String(length=16), server_default="", nullable=False),
        sa.Column("zone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("per_week", sa.Integer(), nullable=True),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("paused_until", Utc(), nullable=True),
        sa.Column("attributes", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("source", sa.String(length=64), server_default="", nullable=False),
        sa.Column("tester", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("left_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("desk", "person", name=op.f("uq_subscriber_desk_person")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriber_client", "subscriber", ["desk", "client_id"], unique=False)
    op.create_index("ix_subscriber_created", "subscriber", ["created_at"], unique=False)
    op.create_table(
        "topic",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proposed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_topic")),
    )
    op.create_table(
        "candidate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.String(length=300), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_hash", sa.String(length=64), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("image", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.String(length=16), server_default="", nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("section", sa.String(length=120), server_default="", nullable=False),
        sa.Column("author", sa.String(length=120), server_default="", nullable=False),
        sa.Column("published_at", Utc(), nullable=False),
        sa.Column("found_at", Utc(), nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="new", nullable=False),
        sa.Column("pinned_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("vetoed_by", sa.String(length=120), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["source"], ["digest_source.id"], name=op.f("fk_candidate_source"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("source", "guid", name=op.f("uq_candidate_source_guid")),
    )
    op.create_index("ix_candidate_state", "candidate", ["state", "published_at"], unique=False)
    op.create_table(
        "cap_slot",
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("send", sa.BigInteger(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_cap_slot_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber", "period", "n", name=op.f("pk_cap_slot")),
    )
    op.create_index("ix_cap_slot_send", "cap_slot", ["send"], unique=False)
    op.create_table(
        "chain_version",
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["chain"], ["chain.id"], name=op.f("fk_chain_version_chain"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chain", "version", name=op.f("pk_chain_version")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("topics", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("language", sa.String(length=16), server_default="", nullable=False),
        sa.Column("source", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_consent_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_at", "consent", ["at"], unique=False)
    op.create_index("ix_consent_subscriber", "consent", ["subscriber", "at"], unique=False)
    op.create_table(
        "enrollment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("rotation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="active", nullable=False),
        sa.Column("exit_reason", sa.String(length=120), server_default="", nullable=False),
        sa.Column("entered_at", Utc(), nullable=False),
        sa.Column("left_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["chain"], ["chain.id"], name=op.f("fk_enrollment_chain"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_enrollment_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("chain", "subscriber", "rotation", name=op.f("uq_enrollment_chain_subscriber_rotation")),
    )
    op.create_index("ix_enrollment_state", "enrollment", ["chain", "state"], unique=False)
    op.create_table(
        "poll_vote",
        sa.Column("poll", sa.BigInteger(), nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("option", sa.String(length=40), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["poll"], ["poll.id"], name=op.f("fk_poll_vote_poll"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_poll_vote_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("poll", "subscriber", name=op.f("pk_poll_vote")),
    )
    op.create_table(
        "subscriber_topic",
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_subscriber_topic_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber", "topic", name=op.f("pk_subscriber_topic")),
    )
    op.create_index("ix_subscriber_topic_topic", "subscriber_topic", ["topic", "subscriber"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("vapid_key", sa.String(length=16), nullable=False),
        sa.Column("browser", sa.String(length=16), server_default="other", nullable=False),
        sa.Column("platform", sa.String(length=16), server_default="other", nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("accepted_at", Utc(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="alive", nullable=False),
        sa.Column("state_at", Utc(), nullable=False),
        sa.Column("strikes", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_subscription_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_subscription_endpoint_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscription_key", "subscription", ["vapid_key", "state"], unique=False)
    op.create_index("ix_subscription_subscriber", "subscription", ["subscriber", "state"], unique=False)
    op.create_table(
        "candidate_vote",
        sa.Column("candidate", sa.BigInteger(), nullable=False),
        sa.Column("voter", sa.String(length=120), nullable=False),
        sa.Column("vote", sa.SmallInteger(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate"], ["candidate.id"], name=op.f("fk_candidate_vote_candidate"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("candidate", "voter", name=op.f("pk_candidate_vote")),
    )
    op.create_table(
        "digest_shown",
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("candidate", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate"], ["candidate.id"], name=op.f("fk_digest_shown_candidate"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_digest_shown_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber", "candidate", name=op.f("pk_digest_shown")),
    )
    op.create_index("ix_digest_shown_candidate", "digest_shown", ["candidate"], unique=False)
    op.create_table(
        "send",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dedupe_key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=True),
        sa.Column("enrollment", sa.BigInteger(), nullable=True),
        sa.Column("step_key", sa.String(length=40), server_default="", nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("variant", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("not_after", Utc(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="due", nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("owner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.Column("fallback_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name=op.f("fk_send_campaign"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollment.id"], name=op.f("fk_send_enrollment"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscriber.id"], name=op.f("fk_send_subscriber"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_send_dedupe_key")),
    )
    op.create_index("ix_send_campaign", "send", ["campaign", "id"], unique=False)
    op.create_index(
        "ix_send_due",
        "send",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_send_enrollment", "send", ["enrollment"], unique=False)
    op.create_index(
        "ix_send_fallback",
        "send",
        ["fallback_at"],
        unique=False,
        sqlite_where=sa.text("fallback_at IS NOT NULL"),
        postgresql_where=sa.text("fallback_at IS NOT NULL"),
    )
    op.create_index(
        "ix_send_open",
        "send",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state IN ('claimed', 'sending')"),
        postgresql_where=sa.text("state IN ('claimed', 'sending')"),
    )
    op.create_index("ix_send_sent", "send", ["sent_at"], unique=False)
    op.create_index("ix_send_subscriber", "send", ["subscriber", "due_at"], unique=False)
    op.create_index(
        "ix_send_urgent",
        "send",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'due' AND kind IN ('service', 'incident', 'test')"),
        postgresql_where=sa.text("state = 'due' AND kind IN ('service', 'incident', 'test')"),
    )
    op.create_table(
        "fallback",
        sa.Column("send", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["send"], ["send.id"], name=op.f("fk_fallback_send"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("send", "channel", name=op.f("pk_fallback")),
    )
    op.create_table(
        "push",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("send", sa.BigInteger(), nullable=False),
        sa.Column("subscription", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="sending", nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tried_at", Utc(), nullable=False),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("shown_at", Utc(), nullable=True),
        sa.Column("clicked_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("button", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["send"], ["send.id"], name=op.f("fk_push_send"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push")),
        sa.UniqueConstraint("send", "subscription", name=op.f("uq_push_send_subscription")),
        sa.UniqueConstraint("token", name=op.f("uq_push_token")),
    )
    op.create_index(
        "ix_push_unknown",
        "push",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    )


def downgrade() -> None:
    op.drop_table("push")
    op.drop_table("fallback")
    op.drop_table("send")
    op.drop_table("digest_shown")
    op.drop_table("candidate_vote")
    op.drop_table("subscription")
    op.drop_table("subscriber_topic")
    op.drop_table("poll_vote")
    op.drop_table("enrollment")
    op.drop_table("consent")
    op.drop_table("chain_version")
    op.drop_table("cap_slot")
    op.drop_table("candidate")
    op.drop_table("topic")
    op.drop_table("subscriber")
    op.drop_table("push_switch")
    op.drop_table("push_origin")
    op.drop_table("poll")
    op.drop_table("digest_source")
    op.drop_table("digest")
    op.drop_table("chain")
    op.drop_table("campaign")
