"""What Django takes for a backend."""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Neither of the two databases, as far as the toolkit knows."""

    vendor = "plain"
    display_name = "Plain"
