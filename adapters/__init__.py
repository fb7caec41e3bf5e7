"""Adapters: one room per outside system, and the pluggable capabilities."""
