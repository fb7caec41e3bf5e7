"""The demonstration: a simulated Zendesk or WHMCS, throw-away servers, and a living stream of tickets.

Nothing here knows the product: it talks to it only as the real desk would, by webhooks and by its API.
"""
