"""HTML of articles: what is allowed, what it means, how two differ, and the symbolic links in it."""
