"""The screens of web push: campaigns, chains, digests, polls, figures, subscribers."""

from webhooks.pages.push import (
    campaign,
    campaigns,
    chain_editor,
    chain_rehearsal,
    chains,
    composer,
    figures,
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
    "figures",
    "subscribers",
    "switch",
]
