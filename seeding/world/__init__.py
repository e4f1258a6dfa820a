"""The world that rows belong to, read as arrays: people, communities, care, calendars, and what is asked of them."""
