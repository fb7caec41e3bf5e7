"""The screens of web push: campaigns, chains, digests, polls, figures, subscribers."""

from webhooks.pages.push import (
    campaign,
    campaigns,
    chain_editor,
    chain_rehearsal,
    chains,
    composer,
    digest_sources,
    digests,
    figures,
    polls,
    subscribers,
    switch,
)

__all__ = [
    "campaign",
    "campaigns",
    "chain_editor",
    "chain_rehearsal",
    "chains",
    "composer",
    "digest_sources",
    "digests",
    "figures",
    "polls",
    "subscribers",
    "switch",
]
