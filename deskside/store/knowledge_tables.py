"""The tables of the knowledge base. A change here needs a migration in `migrations/versions`.

A **document** is what a source has, a **binding** ties one language of it to an article of a target. A **plan** says
what should change, the **journal** what was begun. An **entry** is what the search knows of an article.
"""

import sqlalchemy as sa

from deskside.store.database import Utc, utc_now
from deskside.store.schema import Id, metadata

# How far a source was read. `full_*` is about its last complete listing. state: new | good | failed | shrunk (its last
# complete listing had so much less than before that it is not believed)
kb_source = sa.Table(
    "kb_source",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("watermark", sa.Text, nullable=False, server_default=""),
    sa.Column("read_at", Utc),
    sa.Column("full_at", Utc),
    sa.Column("full_count", sa.Integer),
    sa.Column("state", sa.String(8), nullable=False, server_default="new"),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
)

# One language of a document as it was read last, converted, with `asset:<sha256>` for its files.
# `content_hash` is the semantic hash of `html`. `links` are the names its links call other documents by, `lists` its
# lists of children as [name, depth].
# `missing_*` count complete listings it was not in; `missing_proof` is what asking for it alone came to: gone | there |
# denied | unclear. `html` comes last: what is before it is read without it.
kb_document = sa.Table(
    "kb_document",
    metadata,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("language", sa.String(16), primary_key=True),
    sa.Column("version", sa.String(120), nullable=False),
    sa.Column("converter", sa.String(64), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("url", sa.Text, nullable=False, server_default=""),
    sa.Column("space", sa.String(200), nullable=False, server_default=""),
    sa.Column("path", sa.JSON, nullable=False),
    sa.Column("labels", sa.JSON, nullable=False),
    sa.Column("names", sa.JSON, nullable=False),
    sa.Column("links", sa.JSON, nullable=False),
    sa.Column("lists", sa.JSON, nullable=False),
    # [{ref, filename, content_type, sha256}]
    sa.Column("assets", sa.JSON, nullable=False),
    sa.Column("depends", sa.JSON, nullable=False),
    sa.Column("warnings", sa.JSON, nullable=False),
    sa.Column("parent", sa.String(200)),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("draft", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("source_language", sa.String(16), nullable=False, server_default=""),
    sa.Column("modified_at", Utc),
    sa.Column("read_at", Utc, nullable=False, default=utc_now),
    sa.Column("missing_since", Utc),
    sa.Column("missing_listings", sa.Integer, nullable=False, server_default="0"),
    sa.Column("missing_proof", sa.String(8), nullable=False, server_default=""),
    sa.Column("html", sa.Text, nullable=False),
)

# What a file of a source is, by content; its bytes stay at the source.
kb_asset = sa.Table(
    "kb_asset",
    metadata,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("ref", sa.String(500), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("content_type", sa.String(120), nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Index("ix_kb_asset_sha256", "sha256"),
)

# Which files a target has taken already.
kb_upload = sa.Table(
    "kb_upload",
    metadata,
    sa.Column("target", sa.String(64), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("reference", sa.String(200), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False, default=utc_now),
)

# One language of a document on one target; the languages of a document share `article_id`.
# What we last wrote: `content_hash` is that of the document, `rendered_hash` of its text here, with symbolic links,
# `filed_hash` of its filing. `readback_*` is what the target made of it: the base that drift is measured from.
# `language` is the one of the target.
# state: live | draft | archived | detached (a person does not want it managed) | gone (a person removed it)
# decision: what a person said about drift or conflict: restore | keep | detach; empty is none. It is good for what was
# seen then: `decided_hash` is of the texts of both sides (`seen` in a plan). `readback` comes last: what stands before
# it is read without it.
kb_binding = sa.Table(
    "kb_binding",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("document", sa.String(200), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("article_id", sa.String(64), nullable=False),
    sa.Column("marker", sa.String(64), nullable=False),
    sa.Column("section_id", sa.String(64), nullable=False, server_default=""),
    # Who may read it, as the target said after our last filing; NULL is unknown.
    sa.Column("segment", sa.String(200)),
    sa.Column("labels", sa.JSON, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False, server_default=""),
    sa.Column("rendered_hash", sa.String(64), nullable=False, server_default=""),
    sa.Column("filed_hash", sa.String(64), nullable=False, server_default=""),
    sa.Column("readback_hash", sa.String(64), nullable=False, server_default=""),
    sa.Column("readback_title", sa.Text, nullable=False, server_default=""),
    sa.Column("edited_at", sa.String(40), nullable=False, server_default=""),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("decision", sa.String(8), nullable=False, server_default=""),
    sa.Column("decided_hash", sa.String(64), nullable=False, server_default=""),
    sa.Column("decided_by", sa.String(120), nullable=False, server_default=""),
    sa.Column("decided_at", Utc),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("changed_at", Utc, nullable=False, default=utc_now),
    sa.Column("readback", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("source", "document", "language", "target"),
    sa.Index("ix_kb_binding_article", "target", "article_id", "state"),
)

# What is about to be made or was made on a target: written before every request that makes something.
# state: intent | done | failed (the target refused it, nothing was made)
kb_journal = sa.Table(
    "kb_journal",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("plan", sa.BigInteger),
    sa.Column("target", sa.String(64), nullable=False),
    # section | article | asset | archive | redirect
    sa.Column("step", sa.String(16), nullable=False),
    # What it is about: the path of a section, the document, the sha256 of a file.
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("marker", sa.String(64), nullable=False, server_default=""),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("result", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Utc, nullable=False, default=utc_now),
    sa.Column("done_at", Utc),
    sa.Index("ix_kb_journal_state", "target", "state"),
)

# `document` is the plan as its file has it. made_by: cli | clock | page. state: open | applying | applied | stopped
kb_plan = sa.Table(
    "kb_plan",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("made_at", Utc, nullable=False, default=utc_now),
    sa.Column("made_by", sa.String(16), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    # {kind of action: how many}
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, server_default="open"),
    # Of the apply: {done, skipped, failed, left}, and what stopped it.
    sa.Column("outcome", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("applied_at", Utc),
)

# Who applies to a target now; a lease that is renewed while it works.
kb_lease = sa.Table(
    "kb_lease",
    metadata,
    sa.Column("target", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("until", Utc, nullable=False),
)

# What the search knows: one language of one article, ours or not. `public` may be shown to clients.
# `text` comes last: what is before it is read without it.
kb_entry = sa.Table(
    "kb_entry",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("article_id", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("public", sa.Boolean, nullable=False),
    sa.Column("edited_at", sa.String(40), nullable=False, server_default=""),
    # Of title and text: read by the same tokeniser, the same needs no new terms.
    sa.Column("indexed_hash", sa.String(64), nullable=False),
    sa.Column("tokeniser", sa.String(8), nullable=False),
    sa.Column("indexed_at", Utc, nullable=False),
    # How many terms its text and its title have.
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("title_length", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.UniqueConstraint("target", "article_id", "language"),
    sqlite_autoincrement=True,
)

# The inverted index: how often a term stands in the text and in the title of an entry. No weight in it is outdated when
# other entries change. `level` says how much the entry is about the term, were all entries equally long: by it the
# best few entries of a common term are found. `public` is the entry's.
kb_term = sa.Table(
    "kb_term",
    metadata,
    sa.Column("entry", sa.BigInteger, sa.ForeignKey("kb_entry.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("term", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("title_count", sa.Integer, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("public", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index("ix_kb_term_best", kb_term.c.term, kb_term.c.level.desc(), kb_term.c.entry, kb_term.c.public)

# What the ranking counts with, of all entries: counted anew when a tenth of them changed. In how many entries a term
# stands, and in how many titles.
kb_frequency = sa.Table(
    "kb_frequency",
    metadata,
    sa.Column("term", sa.String(64), primary_key=True),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("title_entries", sa.Integer, nullable=False),
)
# One row, of id 1: how many entries there were when they were counted, how many terms their texts and titles had, and
# how many entries changed since.
kb_corpus = sa.Table(
    "kb_corpus",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("title_length", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
)

# The articles of a local index: what only signed-in people read, and Deskside itself keeps.
# `section` is the way to it, as a list of names; `texts` are {language: {title, html, edited_at, draft, outdated}}.
kb_internal = sa.Table(
    "kb_internal",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("marker", sa.String(64), nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("segment", sa.Text, nullable=False, server_default=""),
    sa.Column("labels", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer),
    sa.Column("texts", sa.JSON, nullable=False),
    sa.Column("archived", sa.Boolean, nullable=False, server_default=sa.false()),
    # Where readers of an archived article are sent.
    sa.Column("moved_to", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("target", "marker"),
    sqlite_autoincrement=True,
)

# The files of those articles, by content.
kb_file = sa.Table(
    "kb_file",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("content_type", sa.String(120), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

# What was asked, and what was opened of the answers: new pairs to judge the ranking by.
# asked_by: agent | client | program | ticket (suggested by itself); `desk` and `ticket_id` where it was asked on a
# ticket. `answers` are the ids of the entries, the best first.
kb_search = sa.Table(
    "kb_search",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Utc, nullable=False, default=utc_now),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),
    sa.Column("asked_by", sa.String(8), nullable=False),
    sa.Column("desk", sa.String(32), nullable=False, server_default=""),
    sa.Column("ticket_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Index("ix_kb_search_at", "at"),
)
kb_click = sa.Table(
    "kb_click",
    metadata,
    sa.Column("search", sa.BigInteger, sa.ForeignKey("kb_search.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("entry", sa.BigInteger, primary_key=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("at", Utc, nullable=False, default=utc_now),
)

# What the knowledge base had for a ticket. answer: none (nothing was found) | offered | opened | missing (an agent says
# there is none)
kb_coverage = sa.Table(
    "kb_coverage",
    metadata,
    sa.Column("desk", sa.String(32), primary_key=True),
    sa.Column("ticket_id", sa.String(64), primary_key=True),
    sa.Column("at", Utc, nullable=False, default=utc_now),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("answer", sa.String(8), nullable=False),
    sa.Column("search", sa.BigInteger),
    sa.Index("ix_kb_coverage_at", "at"),
)

# An article that should be written, from a ticket an agent has answered. state: asked (the desk is still to be read) |
# open | written | dropped
kb_candidate = sa.Table(
    "kb_candidate",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False, server_default=""),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("made_by", sa.String(120), nullable=False),
    sa.Column("made_at", Utc, nullable=False, default=utc_now),
    sa.UniqueConstraint("desk", "ticket_id"),
)
