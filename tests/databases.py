"""The two databases that the toolkit is tested on, by their aliases."""

import pytest

BOTH = ("default", "postgres")
on_both = pytest.mark.django_db(databases=BOTH)
