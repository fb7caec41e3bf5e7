"""Publishing: documents are read from sources, and become articles of targets by plan and apply."""
