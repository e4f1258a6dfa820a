"""A database backend that the toolkit has no bulk path for: SQLite by another name."""
