"""The sweep: every address of the inventory looked at by one socket, and what that says about each host."""
