"""Who lets us send: people and their browsers, what they agreed to, what they wish, moving to another server."""
