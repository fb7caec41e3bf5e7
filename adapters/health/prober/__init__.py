"""A second vantage point: the look from another machine, asked for over signed HTTP."""
