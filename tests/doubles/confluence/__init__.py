"""A Confluence on loopback: one wiki, spoken to as the Cloud (on its site or behind the gateway) or as a Data Center.

It behaves as people measured the real ones: cursors that nobody can guess, archived pages in listings that do not ask
for current ones, limits that are cut without a word, times of CQL to the minute in the server's own zone.
"""
