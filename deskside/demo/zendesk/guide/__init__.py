"""The help centre of the simulated Zendesk: its API, its pages for readers, and hands that edit as colleagues do.

Sources of what it keeps: developer.zendesk.com, Help Center API, and the help pages on allowed HTML and content blocks.
"""
