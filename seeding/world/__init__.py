"""The world that rows belong to, read as arrays: people, communities, care, hours, and what they are about."""
