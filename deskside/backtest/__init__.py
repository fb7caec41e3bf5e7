"""What other weights would have done: a history of tickets replayed, audited and compared. Pure: no store, no desk."""
