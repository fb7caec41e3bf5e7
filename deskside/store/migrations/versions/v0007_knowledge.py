"""The knowledge base, and when a ticket was rated badly."""

import sqlalchemy as sa
from alembic import op

from deskside.store.database import Utc

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("ticket", sa.Column("rated_badly_at", Utc(), nullable=True))
    op.create_table(
        "kb_asset",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=500), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "ref", name=op.f("pk_kb_asset")),
    )
    op.create_index("ix_kb_asset_sha256", "kb_asset", ["sha256"], unique=False)
    op.create_table(
        "kb_binding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.Column("marker", sa.String(length=64), nullable=False),
        sa.Column("section_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("segment", sa.String(length=200), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("rendered_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("filed_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("readback_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("readback_title", sa.Text(), server_default="", nullable=False),
        sa.Column("edited_at", sa.String(length=40), server_default="", nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decision", sa.String(length=8), server_default="", nullable=False),
        sa.Column("decided_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("decided_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("readback", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_binding")),
        sa.UniqueConstraint(
            "source", "document", "language", "target", name=op.f("uq_kb_binding_source_document_language_target")
        ),
    )
    op.create_index("ix_kb_binding_article", "kb_binding", ["target", "article_id", "state"], unique=False)
    op.create_table(
        "kb_candidate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.String(length=16), server_default="", nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_candidate")),
        sa.UniqueConstraint("desk", "ticket_id", name=op.f("uq_kb_candidate_desk_ticket_id")),
    )
    op.create_table(
        "kb_coverage",
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("search", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("desk", "ticket_id", name=op.f("pk_kb_coverage")),
    )
    op.create_index("ix_kb_coverage_at", "kb_coverage", ["at"], unique=False)
    op.create_table(
        "kb_document",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=120), nullable=False),
        sa.Column("converter", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("space", sa.String(length=200), server_default="", nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("assets", sa.JSON(), nullable=False),
        sa.Column("depends", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("parent", sa.String(length=200), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("draft", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("source_language", sa.String(length=16), server_default="", nullable=False),
        sa.Column("modified_at", Utc(), nullable=True),
        sa.Column("read_at", Utc(), nullable=False),
        sa.Column("missing_since", Utc(), nullable=True),
        sa.Column("missing_listings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("missing_proof", sa.String(length=8), server_default="", nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", "language", name=op.f("pk_kb_document")),
    )
    op.create_table(
        "kb_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("edited_at", sa.String(length=40), server_default="", nullable=False),
        sa.Column("indexed_hash", sa.String(length=64), nullable=False),
        sa.Column("tokeniser", sa.String(length=8), nullable=False),
        sa.Column("indexed_at", Utc(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("title_length", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_entry")),
        sa.UniqueConstraint("target", "article_id", "language", name=op.f("uq_kb_entry_target_article_id_language")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_corpus",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("title_length", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_corpus")),
    )
    op.create_table(
        "kb_frequency",
        sa.Column("term", sa.String(length=64), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("title_entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_kb_frequency")),
    )
    op.create_table(
        "kb_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_kb_file")),
    )
    op.create_table(
        "kb_internal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("marker", sa.String(length=64), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), server_default="", nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("moved_to", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_internal")),
        sa.UniqueConstraint("target", "marker", name=op.f("uq_kb_internal_target_marker")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan", sa.BigInteger(), nullable=True),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("marker", sa.String(length=64), server_default="", nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("done_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_journal")),
    )
    op.create_index("ix_kb_journal_state", "kb_journal", ["target", "state"], unique=False)
    op.create_table(
        "kb_lease",
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_kb_lease")),
    )
    op.create_table(
        "kb_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("outcome", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("applied_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_plan")),
    )
    op.create_table(
        "kb_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), server_default="", nullable=False),
        sa.Column("asked_by", sa.String(length=8), nullable=False),
        sa.Column("desk", sa.String(length=32), server_default="", nullable=False),
        sa.Column("ticket_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_search")),
    )
    op.create_index("ix_kb_search_at", "kb_search", ["at"], unique=False)
    op.create_table(
        "kb_source",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("watermark", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", Utc(), nullable=True),
        sa.Column("full_at", Utc(), nullable=True),
        sa.Column("full_count", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="new", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kb_source")),
    )
    op.create_table(
        "kb_upload",
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("target", "sha256", name=op.f("pk_kb_upload")),
    )
    op.create_table(
        "kb_click",
        sa.Column("search", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["search"], ["kb_search.id"], name=op.f("fk_kb_click_search"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("search", "entry", name=op.f("pk_kb_click")),
    )
    op.create_table(
        "kb_term",
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("title_count", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["kb_entry.id"], name=op.f("fk_kb_term_entry"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry", "term", name=op.f("pk_kb_term")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_kb_term_best", "kb_term", ["term", sa.text("level DESC"), "entry", "public"], unique=False)


def downgrade() -> None:
    op.drop_table("kb_term")
    op.drop_table("kb_click")
    op.drop_table("kb_upload")
    op.drop_table("kb_source")
    op.drop_table("kb_search")
    op.drop_table("kb_plan")
    op.drop_table("kb_lease")
    op.drop_table("kb_journal")
    op.drop_table("kb_internal")
    op.drop_table("kb_file")
    op.drop_table("kb_frequency")
    op.drop_table("kb_corpus")
    op.drop_table("kb_entry")
    op.drop_table("kb_document")
    op.drop_table("kb_coverage")
    op.drop_table("kb_candidate")
    op.drop_table("kb_binding")
    op.drop_table("kb_asset")
    op.drop_column("ticket", "rated_badly_at")
