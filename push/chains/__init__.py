"""Chains: a few messages to one person, each some time after the one before, from the moment they entered."""
