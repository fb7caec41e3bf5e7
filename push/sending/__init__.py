"""From a row that is due to a message in a browser: windows, gates, caps, the ledger, and the run of a batch."""
