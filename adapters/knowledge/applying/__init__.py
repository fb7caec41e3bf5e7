"""Applying a plan: sections, hidden articles, files, texts, filing, showing; then what leaves.

Each phase is a file. An item that fails stops no other; a target that refuses us is left alone; and whatever is killed
is taken up again from the journal.
"""
