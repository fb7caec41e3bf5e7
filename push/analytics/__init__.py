"""What came of the messages, and of the people: figures for charts, always over the ledger and never kept beside it."""
