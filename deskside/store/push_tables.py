"""The tables of web push. A change here needs a migration in `migrations/versions`.

A **subscriber** is a person, a **subscription** one of their browsers. A **send** is one message for one person, a
**push** the encrypted copy of it for one browser.
"""

import sqlalchemy as sa

from deskside.store.database import Utc, utc_now
from deskside.store.schema import Id, metadata

# A person who lets us send. `desk`, `person` and `client_id` say who they are on the desk; an anonymous one has none.
# `per_week`, `quiet_*` (minutes of the local day) and `zone` are their own wishes; empty is the portal's default.
subscriber = sa.Table(
    "subscriber",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("desk", sa.String(32)),
    sa.Column("person", sa.String(120)),
    sa.Column("client_id", sa.String(120)),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),
    sa.Column("zone", sa.String(64), nullable=False, server_default=""),
    sa.Column("per_week", sa.Integer),
    sa.Column("quiet_from", sa.Integer),
    sa.Column("quiet_to", sa.Integer),
    sa.Column("paused_until", Utc),
    sa.Column("attributes", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("source", sa.String(64), nullable=False, server_default=""),
    # Tests of a message go to these people, and count nowhere.
    sa.Column("tester", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
    sa.Column("seen_at", Utc, nullable=False, default=utc_now),
    sa.Column("left_at", Utc),
    sa.UniqueConstraint("desk", "person"),
    sa.Index("ix_subscriber_client", "desk", "client_id"),
    sa.Index("ix_subscriber_created", "created_at"),
    # Links name people by their id: the id of somebody erased is never given to anybody else.
    sqlite_autoincrement=True,
)

# One browser. The endpoint is a capability: whoever has it can send, so it is never shown whole.
# state: alive | mismatch (made with another key) | gone (its push service says so) | out (its person signed out there)
# | left (its person said no there; of the endpoint only the hash is kept, so that a visit does not bring it back)
subscription = sa.Table(
    "subscription",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("endpoint_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("origin", sa.String(255), nullable=False),
    sa.Column("p256dh", sa.LargeBinary, nullable=False),
    sa.Column("auth", sa.LargeBinary, nullable=False),
    # The id of the VAPID key it was made with.
    sa.Column("vapid_key", sa.String(16), nullable=False),
    sa.Column("browser", sa.String(16), nullable=False, server_default="other"),
    sa.Column("platform", sa.String(16), nullable=False, server_default="other"),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
    sa.Column("seen_at", Utc, nullable=False, default=utc_now),
    sa.Column("accepted_at", Utc),
    sa.Column("state", sa.String(8), nullable=False, server_default="alive"),
    sa.Column("state_at", Utc, nullable=False, default=utc_now),
    sa.Column("strikes", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_subscription_subscriber", "subscriber", "state"),
    sa.Index("ix_subscription_key", "vapid_key", "state"),
    sqlite_autoincrement=True,
)

# What people can choose to hear about; `titles` by language.
topic = sa.Table(
    "topic",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("titles", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    # Whether its box is ticked for newcomers.
    sa.Column("proposed", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
)

subscriber_topic = sa.Table(
    "subscriber_topic",
    metadata,
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("topic", sa.String(40), primary_key=True),
    sa.Column("since", Utc, nullable=False, default=utc_now),
    sa.Index("ix_subscriber_topic_topic", "topic", "subscriber"),
)

# Who agreed to what, when, to which words; only ever added to. action: given | changed | withdrawn | imported
consent = sa.Table(
    "consent",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", Utc, nullable=False, default=utc_now),
    sa.Column("action", sa.String(12), nullable=False),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("topics", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),
    sa.Column("source", sa.String(64), nullable=False, server_default=""),
    sa.Index("ix_consent_subscriber", "subscriber", "at"),
    sa.Index("ix_consent_at", "at"),
)

# kind: promo | digest | poll | incident | service
# state: draft | scheduled | unconfirmed (too late, a person must say) | running | paused | done | cancelled
# variants: [{"name": "A", "contents": {language: content}}]; see push.model.Content for a content.
campaign = sa.Table(
    "campaign",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("state", sa.String(12), nullable=False, server_default="draft"),
    sa.Column("topic", sa.String(40)),
    sa.Column("variants", sa.JSON, nullable=False),
    sa.Column("audience", sa.JSON, nullable=False),
    sa.Column("schedule", sa.JSON, nullable=False),
    # The first instant at which anybody can get it, and the instant after which nobody does.
    sa.Column("start_at", Utc),
    sa.Column("end_at", Utc),
    # Started later than this after `start_at`, a person must confirm it first.
    sa.Column("late_minutes", sa.Integer, nullable=False, server_default="60"),
    sa.Column("seed", sa.String(32), nullable=False),
    # How many people remained after each narrowing of the audience, and how many were reached: [[word, number], …].
    sa.Column("waterfall", sa.JSON, nullable=False, server_default="[]"),
    # What it was made from: a digest or a poll.
    sa.Column("made_from", sa.String(40), nullable=False, server_default=""),
    sa.Column("created_by", sa.String(120), nullable=False, server_default=""),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
    sa.Column("updated_at", Utc, nullable=False, default=utc_now),
    sa.Column("started_at", Utc),
    sa.Column("finished_at", Utc),
    sa.Column("stopped_by", sa.String(120), nullable=False, server_default=""),
    sa.Index("ix_campaign_state", "state", "start_at"),
    sa.Index("ix_campaign_made", "made_from"),
)

# One message for one person, once: `dedupe_key` says which. kind: as of campaigns, or step | test
# state: due -> claimed -> sending -> sent | failed | unknown, or due -> skipped; `reason` says why it is so.
# A deferred one is due again later, a `held` one once its campaign or chain goes on. `not_after`: then it is of no use
# any more.
send = sa.Table(
    "send",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("dedupe_key", sa.String(160), nullable=False, unique=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("campaign", sa.BigInteger, sa.ForeignKey("campaign.id", ondelete="CASCADE")),
    sa.Column("enrollment", sa.BigInteger, sa.ForeignKey("enrollment.id", ondelete="CASCADE")),
    sa.Column("step_key", sa.String(40), nullable=False, server_default=""),
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    sa.Column("variant", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("not_after", Utc),
    sa.Column("state", sa.String(8), nullable=False, server_default="due"),
    sa.Column("reason", sa.String(200), nullable=False, server_default=""),
    sa.Column("owner", sa.String(64), nullable=False, server_default=""),
    sa.Column("lease_until", Utc),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
    sa.Column("decided_at", Utc),
    sa.Column("sent_at", Utc),
    # The next other channel to try when nobody saw it, and when; see push.fallback.
    sa.Column("fallback_at", Utc),
    sa.Index(
        "ix_send_due",
        "due_at",
        "id",
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    ),
    # What cannot wait behind a million others.
    sa.Index(
        "ix_send_urgent",
        "due_at",
        "id",
        sqlite_where=sa.text("state = 'due' AND kind IN ('service', 'incident', 'test')"),
        postgresql_where=sa.text("state = 'due' AND kind IN ('service', 'incident', 'test')"),
    ),
    sa.Index(
        "ix_send_open",
        "lease_until",
        sqlite_where=sa.text("state IN ('claimed', 'sending')"),
        postgresql_where=sa.text("state IN ('claimed', 'sending')"),
    ),
    sa.Index(
        "ix_send_fallback",
        "fallback_at",
        sqlite_where=sa.text("fallback_at IS NOT NULL"),
        postgresql_where=sa.text("fallback_at IS NOT NULL"),
    ),
    # Without the state: what changes three times in the life of a send is not worth an index over all of them.
    sa.Index("ix_send_campaign", "campaign", "id"),
    sa.Index("ix_send_enrollment", "enrollment"),
    sa.Index("ix_send_subscriber", "subscriber", "due_at"),
    sa.Index("ix_send_sent", "sent_at"),
)

# The copy of a send for one browser. state: sending -> accepted | failed | gone | unknown, or sending -> again
# `token` is what the browser reports with: it says nothing and cannot be guessed.
push = sa.Table(
    "push",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("send", sa.BigInteger, sa.ForeignKey("send.id", ondelete="CASCADE"), nullable=False),
    sa.Column("subscription", sa.BigInteger, nullable=False),
    sa.Column("origin", sa.String(255), nullable=False),
    sa.Column("token", sa.String(32), nullable=False, unique=True),
    sa.Column("state", sa.String(8), nullable=False, server_default="sending"),
    sa.Column("status", sa.SmallInteger),
    sa.Column("error", sa.String(200), nullable=False, server_default=""),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tried_at", Utc, nullable=False),
    sa.Column("settled_at", Utc),
    sa.Column("shown_at", Utc),
    sa.Column("clicked_at", Utc),
    sa.Column("closed_at", Utc),
    # Which button was pressed, counted from 0.
    sa.Column("button", sa.SmallInteger),
    sa.UniqueConstraint("send", "subscription"),
    sa.Index(
        "ix_push_unknown",
        "id",
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    ),
)

# A push service: `blocked_until` is its own wish, `stopped_at` our alarm (it refuses our key or our clock).
push_origin = sa.Table(
    "push_origin",
    metadata,
    sa.Column("origin", sa.String(255), primary_key=True),
    sa.Column("blocked_until", Utc),
    sa.Column("stopped_at", Utc),
    sa.Column("stopped_reason", sa.String(200), nullable=False, server_default=""),
)

# Slot `n` of what one person may get in one period; taking it is what makes a cap hold when two campaigns run at once.
cap_slot = sa.Table(
    "cap_slot",
    metadata,
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("period", sa.String(16), primary_key=True),
    sa.Column("n", sa.SmallInteger, primary_key=True),
    sa.Column("send", sa.BigInteger, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_cap_slot_send", "send"),
)

# Switches over all of push. name: "stopped" (the kill switch)
push_switch = sa.Table(
    "push_switch",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", Utc, nullable=False),
)

# state: draft | active | paused | archived. entry: subscribed | topic | manual
chain = sa.Table(
    "chain",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("state", sa.String(8), nullable=False, server_default="draft"),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("entry", sa.String(12), nullable=False),
    sa.Column("topic", sa.String(40)),
    # After how many days a person may go through it again; never, where it is empty.
    sa.Column("again_days", sa.Integer),
    sa.Column("paused_at", Utc),
    # Whether a pause stops the time of those inside (else what comes due in it is judged by its late limit).
    sa.Column("freezes", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("created_by", sa.String(120), nullable=False, server_default=""),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
)

# Never changed: an edit makes the next version. definition: see push.chains.definition
chain_version = sa.Table(
    "chain_version",
    metadata,
    sa.Column("chain", sa.BigInteger, sa.ForeignKey("chain.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("made_by", sa.String(120), nullable=False),
    sa.Column("made_at", Utc, nullable=False, default=utc_now),
)

# A person's way through a chain. state: active | finished | exited
enrollment = sa.Table(
    "enrollment",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("chain", sa.BigInteger, sa.ForeignKey("chain.id", ondelete="CASCADE"), nullable=False),
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    sa.Column("rotation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, server_default="active"),
    sa.Column("exit_reason", sa.String(120), nullable=False, server_default=""),
    sa.Column("entered_at", Utc, nullable=False),
    sa.Column("left_at", Utc),
    sa.UniqueConstraint("chain", "subscriber", "rotation"),
    sa.Index("ix_enrollment_state", "chain", "state"),
)

# Where candidates for digests come from. kind: the name of a digest source; `baseline_at`: its first, silent look.
digest_source = sa.Table(
    "digest_source",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("options", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("baseline_at", Utc),
    sa.Column("fetched_at", Utc),
    sa.Column("cursor", sa.Text, nullable=False, server_default=""),
    sa.Column("error", sa.String(200), nullable=False, server_default=""),
)

# Something that could stand in a digest. state: new | used | old (was there before we first looked)
candidate = sa.Table(
    "candidate",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("source", sa.BigInteger, sa.ForeignKey("digest_source.id", ondelete="CASCADE"), nullable=False),
    sa.Column("guid", sa.String(300), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_hash", sa.String(64), nullable=False),
    sa.Column("summary", sa.Text, nullable=False, server_default=""),
    sa.Column("image", sa.Text, nullable=False, server_default=""),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),
    sa.Column("topic", sa.String(40)),
    sa.Column("section", sa.String(120), nullable=False, server_default=""),
    sa.Column("author", sa.String(120), nullable=False, server_default=""),
    sa.Column("published_at", Utc, nullable=False),
    sa.Column("found_at", Utc, nullable=False, default=utc_now),
    # Whether a stranger could read it when we last looked; nothing else goes into a digest.
    sa.Column("public", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("state", sa.String(8), nullable=False, server_default="new"),
    sa.Column("pinned_by", sa.String(120), nullable=False, server_default=""),
    sa.Column("vetoed_by", sa.String(120), nullable=False, server_default=""),
    sa.UniqueConstraint("source", "guid"),
    sa.Index("ix_candidate_state", "state", "published_at"),
)

candidate_vote = sa.Table(
    "candidate_vote",
    metadata,
    sa.Column("candidate", sa.BigInteger, sa.ForeignKey("candidate.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("voter", sa.String(120), primary_key=True),
    # +1 or -1
    sa.Column("vote", sa.SmallInteger, nullable=False),
    sa.Column("at", Utc, nullable=False, default=utc_now),
)

# One issue. state: draft | scheduled | sent | skipped; `cut_at`: what was published until then was looked at.
digest = sa.Table(
    "digest",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("token", sa.String(32), nullable=False, unique=True),
    sa.Column("cut_at", Utc, nullable=False),
    sa.Column("made_at", Utc, nullable=False, default=utc_now),
    sa.Column("made_by", sa.String(120), nullable=False, server_default=""),
    sa.Column("reason", sa.String(200), nullable=False, server_default=""),
    # Best first: [{"candidate": id, "score": number, "parts": {…}}]
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("campaign", sa.BigInteger),
    sa.Column("sent_at", Utc),
    sa.Index("ix_digest_state", "state", "made_at"),
)

# What a person was shown in any digest, so that nobody is shown it twice, and what they opened.
digest_shown = sa.Table(
    "digest_shown",
    metadata,
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("candidate", sa.BigInteger, sa.ForeignKey("candidate.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("digest", sa.BigInteger, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("opened_at", Utc),
    sa.Index("ix_digest_shown_candidate", "candidate"),
)

# A question with options: {"question": {language: text}, "options": [{"key": …, "titles": {language: text}}]}
poll = sa.Table(
    "poll",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("token", sa.String(32), nullable=False, unique=True),
    sa.Column("question", sa.JSON, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    # Whether it has room for words besides, which makes it a survey.
    sa.Column("remarks", sa.Boolean, nullable=False, server_default=sa.false()),
    # state: open | closed
    sa.Column("state", sa.String(8), nullable=False, server_default="open"),
    sa.Column("closes_at", Utc),
    sa.Column("created_by", sa.String(120), nullable=False, server_default=""),
    sa.Column("created_at", Utc, nullable=False, default=utc_now),
)

poll_vote = sa.Table(
    "poll_vote",
    metadata,
    sa.Column("poll", sa.BigInteger, sa.ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("subscriber", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("option", sa.String(40), nullable=False),
    sa.Column("remark", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Utc, nullable=False),
)

# What went another way because the push was not seen. state: trying -> done | failed; the channel `push` says that
# nothing was to be done: seen | done
fallback = sa.Table(
    "fallback",
    metadata,
    sa.Column("send", sa.BigInteger, sa.ForeignKey("send.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("error", sa.String(200), nullable=False, server_default=""),
    sa.Column("at", Utc, nullable=False),
)
