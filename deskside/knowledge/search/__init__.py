"""The index of every article: terms, entries, ranking, and what was asked of it."""
