"""The face for the browsers of a portal's people."""
