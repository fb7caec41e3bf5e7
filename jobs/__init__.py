"""The engine, the clock, and the pipeline of a ticket."""
