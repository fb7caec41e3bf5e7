"""What is known of the knowledge base: documents, bindings, journal, plans, decisions, and the search."""
