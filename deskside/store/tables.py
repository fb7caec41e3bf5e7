"""Every table but those of web push (`push_tables`) and of the knowledge base (`knowledge_tables`).

A change here needs a migration in `migrations/versions`.
"""

import sqlalchemy as sa

from deskside.store.database import Utc, utc_now
from deskside.store.schema import Id, metadata

# A delivery exactly as it was received. state: waiting -> done | ignored | dead
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("delivery_id", sa.String(200), nullable=False),
    sa.Column("type", sa.String(120), nullable=False, server_default=""),
    sa.Column("ticket_id", sa.String(64)),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("received_at", Utc, nullable=False, default=utc_now),
    sa.Column("state", sa.String(8), nullable=False, server_default="waiting"),
    sa.Column("outcome", sa.Text, nullable=False, server_default=""),
    sa.Column("settled_at", Utc),
    sa.UniqueConstraint("source", "delivery_id"),
    sa.Index("ix_inbox_state", "state", "id"),
)

# One intended change of the outside world. state: planned -> trying -> done | dropped | dead
effect = sa.Table(
    "effect",
    metadata,
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, server_default="planned"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reference", sa.String(200), nullable=False, server_default=""),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
    sa.Column("tried_at", Utc),
    sa.Column("settled_at", Utc),
    sa.Index("ix_effect_ticket", "desk", "ticket_id"),
    sa.Index("ix_effect_state", "state", "created_at"),
)

# What we know of a ticket, and its place. `key` is the static queue key in working seconds of its `calendar`; `pool` is
# the first of `pools`. `model` is the version of the weights its head start is from (0: the configuration's own),
# `shadow_key` its key under the weights that are only tried, `ordinary_key` its key without the place that was paid for
# (NULL: none was). `currency` is that of its client's invoices. `claimed_*`: an agent has it until then.
ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("pool", sa.String(120), nullable=False),
    sa.Column("pools", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("calendar", sa.String(64), nullable=False, server_default=""),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("waiting", sa.Boolean, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("client_name", sa.Text, nullable=False),
    sa.Column("currency", sa.String(8), nullable=False, server_default=""),
    sa.Column("requester_name", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Column("read_at", Utc, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("own_write_at", Utc),
    sa.Column("arrived_at", Utc, nullable=False),
    sa.Column("arrived", sa.BigInteger, nullable=False),
    sa.Column("head_start", sa.Integer, nullable=False),
    sa.Column("key", sa.BigInteger, nullable=False),
    sa.Column("band", sa.String(16), nullable=False),
    sa.Column("contributions", sa.JSON, nullable=False),
    sa.Column("safe_at", Utc),
    sa.Column("overtaken", sa.Integer, nullable=False, server_default="0"),
    sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("emergency", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("carried_minutes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("turns", sa.Integer, nullable=False, server_default="0"),
    sa.Column("solved_before", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("health", sa.String(8), nullable=False, server_default=""),
    sa.Column("health_headline", sa.Text, nullable=False, server_default=""),
    sa.Column("health_at", Utc),
    sa.Column("targets", sa.JSON, nullable=False, default=list),
    sa.Column("check_asked_at", Utc),
    sa.Column("model", sa.Integer, nullable=False, server_default="0"),
    sa.Column("shadow_key", sa.BigInteger),
    sa.Column("ordinary_key", sa.BigInteger),
    sa.Column("agent_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("agent_name", sa.Text, nullable=False, server_default=""),
    sa.Column("agent_language", sa.String(16), nullable=False, server_default=""),
    sa.Column("first_reply_at", Utc),
    sa.Column("rated_badly_at", Utc),
    sa.Column("due_at", Utc),
    sa.Column("claimed_by", sa.String(120), nullable=False, server_default=""),
    sa.Column("claimed_at", Utc),
    sa.Column("claimed_until", Utc),
    sa.UniqueConstraint("desk", "ticket_id"),
    sa.Index("ix_ticket_client", "desk", "client_id", "created_at"),
    sa.Index("ix_ticket_claimed", "claimed_by"),
)

# A waiting ticket in one pool; a ticket that several pools can take has a row, with the same key, in each. What is
# here besides is a copy, so that neither the order nor the bar above it reads the tickets' own rows.
queue_entry = sa.Table(
    "queue_entry",
    metadata,
    sa.Column("pool", sa.String(120), primary_key=True),
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column(
        "ticket", sa.BigInteger, sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sa.Column("arrived", sa.BigInteger, nullable=False),
    sa.Column("arrived_at", Utc, nullable=False),
    sa.Column("health", sa.String(8), nullable=False),
    sa.Index("ix_queue_entry_ticket", "ticket"),
    sa.Index("ix_queue_entry_arrived", "pool", "arrived", "ticket"),
    sa.Index("ix_queue_entry_bar", "pool", "health", "arrived_at"),
    sqlite_with_rowid=False,
)

# One wait of a ticket, from arrival (or coming back) until it was somebody else's move. Working seconds of `calendar`.
# `position` and `shadow_position`: how many stood before it when it was taken, in the order in force and in the tried.
turn = sa.Table(
    "turn",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("pool", sa.String(120), nullable=False),
    sa.Column("calendar", sa.String(64), nullable=False, server_default=""),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("band", sa.String(16), nullable=False),
    sa.Column("contributions", sa.JSON, nullable=False),
    sa.Column("model", sa.Integer, nullable=False, server_default="0"),
    sa.Column("arrived_at", Utc, nullable=False),
    sa.Column("arrived", sa.BigInteger, nullable=False),
    sa.Column("key", sa.BigInteger, nullable=False),
    sa.Column("head_start", sa.Integer, nullable=False),
    sa.Column("shadow_key", sa.BigInteger),
    sa.Column("served_at", Utc, nullable=False),
    sa.Column("waited", sa.Integer, nullable=False),
    sa.Column("overtaken", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("shadow_position", sa.Integer),
    sa.Column("agent_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("due_at", Utc),
    sa.Column("replied_at", Utc, nullable=False),
    sa.UniqueConstraint("desk", "ticket_id", "number"),
    sa.Index("ix_turn_served", "pool", "served_at"),
    sa.Index("ix_turn_replied", "replied_at"),
)

# A time that was shown, and what came of it. Working seconds from `at`; `base` is the estimate before calibration.
estimate = sa.Table(
    "estimate",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("pool", sa.String(120), nullable=False),
    sa.Column("shown_in", sa.String(16), nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("q50", sa.Integer),
    sa.Column("q80", sa.Integer),
    sa.Column("q90", sa.Integer),
    sa.Column("actual", sa.Integer),
    sa.Column("scored_at", Utc),
    sa.Index("ix_estimate_ticket", "desk", "ticket_id", "number"),
    sa.Index("ix_estimate_scored", "pool", "scored_at"),
)

# The minutes of the factors, as ops set them on the page. state: shadow -> active -> past, or shadow -> past.
weights = sa.Table(
    "weights",
    metadata,
    sa.Column("version", Id, primary_key=True),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("minutes", sa.JSON, nullable=False),
    sa.Column("unfairness", sa.Float, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("made_by", sa.String(120), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("started_at", Utc),
    sa.Column("ended_at", Utc),
    sa.Column("ended_by", sa.String(120), nullable=False, server_default=""),
)

# A waiting ticket that somebody moved forward, or passed over. kind: front | second | complaint | skip; or revoked: the
# money for its place went back; or weights: it changed places when other weights (`reason` is their version) were
# applied to everybody who waits.
move = sa.Table(
    "move",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("position_before", sa.Integer, nullable=False),
    sa.Column("position_after", sa.Integer, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_move_ticket", "desk", "ticket_id", "id"),
    sa.Index("ix_move_at", "at"),
)

# A better place that a client pays for; the states are those of `deskside.model.boost`. `turn` is which wait of the
# ticket it is for. `place_before` and `place_shown` are what was shown when it was asked, `place_given` what it got.
# `price` and `returned` are amounts as text. `why`: why nothing was moved. `looked_at`: when the invoice was read.
boost = sa.Table(
    "boost",
    metadata,
    sa.Column("marker", sa.String(64), primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("price", sa.String(20), nullable=False),
    sa.Column("currency", sa.String(8), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("why", sa.String(16), nullable=False, server_default=""),
    sa.Column("place_before", sa.Integer, nullable=False),
    sa.Column("place_shown", sa.Integer, nullable=False),
    sa.Column("place_given", sa.Integer),
    sa.Column("invoice_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("returned", sa.String(20), nullable=False, server_default=""),
    sa.Column("asked_by", sa.String(120), nullable=False),
    sa.Column("asked_at", Utc, nullable=False),
    sa.Column("changed_at", Utc, nullable=False),
    sa.Column("looked_at", Utc),
    sa.Index("ix_boost_ticket", "desk", "ticket_id"),
    sa.Index("ix_boost_invoice", "desk", "invoice_id"),
    sa.Index("ix_boost_state", "state", "asked_at"),
)

# One examination of one ticket's targets. `reports` is the list of health reports as JSON.
health_check = sa.Table(
    "health_check",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("asked_by", sa.String(120), nullable=False),
    sa.Column("word", sa.String(8), nullable=False),
    sa.Column("headline", sa.Text, nullable=False),
    sa.Column("reports", sa.JSON, nullable=False),
    sa.Column("checked_at", Utc, nullable=False),
    sa.Index("ix_health_check_ticket", "desk", "ticket_id", "id"),
)

service = sa.Table(
    "service",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("product", sa.String(80), nullable=False, server_default=""),
    sa.Column("domains", sa.JSON, nullable=False),
    sa.Column("addresses", sa.JSON, nullable=False),
    sa.Column("ports", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, server_default="active"),
    sa.UniqueConstraint("client", "name"),
)

# Which planned instants of a schedule were claimed: the primary key is what fires each once.
fire = sa.Table(
    "fire",
    metadata,
    sa.Column("schedule_id", sa.String(100), primary_key=True),
    sa.Column("fire_time", Utc, primary_key=True),
    sa.Column("node", sa.String(120), nullable=False),
    sa.Column("at", Utc, nullable=False, default=utc_now),
)

cursor = sa.Table(
    "cursor",
    metadata,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False, default=utc_now),
)

# Waiting work of the embedded engine (SQLite only; on PostgreSQL Procrastinate keeps its own tables).
job = sa.Table(
    "job",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("task", sa.String(100), nullable=False),
    sa.Column("args", sa.JSON, nullable=False),
    sa.Column("lane", sa.String(200)),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("run_at", Utc, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, server_default="ready"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("settled_at", Utc),
    sa.Index("ix_job_due", sa.text("priority DESC"), "run_at", "id", sqlite_where=sa.text("state = 'ready'")),
    sa.Index("ix_job_lane", "lane", "id", sqlite_where=sa.text("state = 'ready' AND lane IS NOT NULL")),
)

# Names of things on a desk (ids of fields, views, webhooks, our own actor id).
binding = sa.Table(
    "binding",
    metadata,
    sa.Column("desk", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("password_hash", sa.String(255), nullable=False),
    sa.Column("role", sa.String(8), nullable=False),
    sa.Column("language", sa.String(8), nullable=False, server_default="en"),
    sa.Column("session_version", sa.Integer, nullable=False, server_default="1"),
    # The pools this person takes tickets from; none is all.
    sa.Column("pools", sa.JSON, nullable=False, server_default="[]"),
)

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
)

heartbeat = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("node", sa.String(120), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("at", Utc, nullable=False),
)

# What the sweep knows of each address of the inventory. `word` is confirmed; `candidate` was seen `seen` times so far.
host = sa.Table(
    "host",
    metadata,
    sa.Column("address", sa.String(45), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False, server_default=""),
    sa.Column("ports", sa.JSON, nullable=False),
    sa.Column("word", sa.String(8), nullable=False, server_default="unknown"),
    sa.Column("since", Utc, nullable=False),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("candidate", sa.String(8), nullable=False, server_default=""),
    sa.Column("seen", sa.Integer, nullable=False, server_default="0"),
    sa.Column("flapping", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("checked_at", Utc),
    sa.Column("alive_at", Utc),
    sa.Column("rtt_ms", sa.Float),
    sa.Column("baseline_ms", sa.Float),
    sa.Index("ix_host_word", "word", "since"),
)

host_change = sa.Table(
    "host_change",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("address", sa.String(45), nullable=False),
    sa.Column("before", sa.String(8), nullable=False),
    sa.Column("word", sa.String(8), nullable=False),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_host_change_address", "address", "at"),
    sa.Index("ix_host_change_at", "at"),
)

# One round over the whole fleet. `braked` is true when our own side was in doubt and nothing was believed.
sweep = sa.Table(
    "sweep",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("took_ms", sa.Integer, nullable=False),
    sa.Column("hosts", sa.Integer, nullable=False),
    sa.Column("silent", sa.Integer, nullable=False),
    sa.Column("braked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("remark", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_sweep_at", "at"),
)

# A client's access to a server, encrypted with a key that is not in the database.
credential = sa.Table(
    "credential",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("service_id", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
    sa.Column("expires_at", Utc, nullable=False),
    sa.UniqueConstraint("desk", "ticket_id", "service_id"),
    sa.Index("ix_credential_expires", "expires_at"),
)

# The link by which a client enters an access; only the hash of its token is kept.
credential_link = sa.Table(
    "credential_link",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("desk", sa.String(32), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("service_id", sa.BigInteger, nullable=False),
    sa.Column("expires_at", Utc, nullable=False),
    sa.Column("used_at", Utc),
)

# The SSH host key a service had at the first contact.
host_key = sa.Table(
    "host_key",
    metadata,
    sa.Column("service_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("first_seen_at", Utc, nullable=False, default=utc_now),
)

# Counters against which later readings are compared (reallocated sectors and the like).
counter = sa.Table(
    "counter",
    metadata,
    sa.Column("service_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("first_value", sa.BigInteger, nullable=False),
    sa.Column("last_value", sa.BigInteger, nullable=False),
    sa.Column("first_seen_at", Utc, nullable=False, default=utc_now),
)

# A known incident or maintenance; `scope` lists addresses, networks and service names it concerns.
incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("scope", sa.JSON, nullable=False),
    sa.Column("opened_at", Utc, nullable=False, default=utc_now),
    sa.Column("closed_at", Utc),
)

# Who had what probed and why: the budgets are counted over it, and an abuse desk can be answered from it.
probe_log = sa.Table(
    "probe_log",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Utc, nullable=False, default=utc_now),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("address", sa.String(45), nullable=False),
    sa.Column("asked_by", sa.String(120), nullable=False),
    sa.Column("reason", sa.String(200), nullable=False, server_default=""),
    sa.Index("ix_probe_log_client", "client", "at"),
    sa.Index("ix_probe_log_at", "at"),
)

# Which agent is writing a reply to a ticket; nobody, once `until` has passed. Of the lease's token only a hash is kept.
# `taken_from` is the name of whom this agent took it over from while that one still had it.
reply_lock = sa.Table(
    "reply_lock",
    metadata,
    sa.Column("desk", sa.String(32), primary_key=True),
    sa.Column("ticket_id", sa.String(64), primary_key=True),
    sa.Column("holder_id", sa.String(64), nullable=False),
    sa.Column("holder_name", sa.String(120), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False),
    sa.Column("since", Utc, nullable=False),
    sa.Column("until", Utc, nullable=False),
    sa.Column("taken_from", sa.String(120), nullable=False, server_default=""),
)

# Signed requests that must not be done twice, for as long as their signature is good.
seen_request = sa.Table(
    "seen_request",
    metadata,
    sa.Column("source", sa.String(32), primary_key=True),
    sa.Column("request_id", sa.String(200), primary_key=True),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_seen_request_at", "at"),
)
