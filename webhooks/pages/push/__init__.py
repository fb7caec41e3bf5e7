"""The screens of web push: campaigns, figures, subscribers."""

from webhooks.pages.push import campaign, campaigns, composer, figures, subscribers, switch

__all__ = ["campaign", "campaigns", "composer", "figures", "subscribers", "switch"]
