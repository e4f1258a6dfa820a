"""The two databases that the toolkit is tested on, by their aliases."""

BOTH = ("default", "postgres")
