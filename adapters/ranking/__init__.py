"""Ranking: one factor a file. What their minutes do to the order is in `deskside/order`."""
