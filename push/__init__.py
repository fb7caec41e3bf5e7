"""Web push to the people of a portal: subscriptions, campaigns, digests, chains, polls, delivery, analytics."""
