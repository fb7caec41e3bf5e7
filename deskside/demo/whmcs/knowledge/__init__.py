"""The knowledge base of the simulated WHMCS: its tables, the addon's signed address, pages, and hands.

The address follows the protocol of `docs/whmcs-addon.md`, written anew.
"""
