"""The thirteen enrichers, one file a table."""
