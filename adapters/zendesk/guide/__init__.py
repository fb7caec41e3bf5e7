"""Zendesk Guide: help centres as a source of digests, and as a source and a target of the knowledge base.

`docs/guide.md` tells an admin what to do.
"""
