"""Campaigns: one message for many people, from the draft to what came of its variants."""
