"""The order of the queue: working time, the static key, and its explanation. Pure; factors live in adapters/ranking."""
