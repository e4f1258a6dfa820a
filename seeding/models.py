"""The toolkit's own tables; Mentara's application never reads them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SeedRun(models.Model):
    """A seed and an as-of under which rows were written: the rules of coherence are judged against it."""

    seed = models.CharField(max_length=255)
    as_of = models.DateTimeField()

    class Meta:
        db_table = "seeding_run"
        constraints: ClassVar = [models.UniqueConstraint(fields=["seed", "as_of"], name="seeding_run_once")]

    def __str__(self) -> str:
        return f"{self.seed} as of {self.as_of:%Y-%m-%d %H:%M}"


class SeedBase(models.Model):
    """Base data that stands complete: the digest of what it was made from, how much of it, and its rows by table."""

    recipe = models.CharField(max_length=64)
    size = models.BigIntegerField(default=0)
    rows = models.JSONField()

    class Meta:
        db_table = "seeding_base"
        constraints: ClassVar = [models.UniqueConstraint(fields=["recipe", "size"], name="seeding_base_once")]

    def __str__(self) -> str:
        return f"{self.recipe} up to {self.size}"


class SetAside(models.Model):
    """An index or a foreign key that a large load has dropped and will make again, as its statement.

    Django does not manage its table, so that neither `flush` nor a restored snapshot loses what is still to be made.
    """

    kind = models.CharField(max_length=20)
    table = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    statement = models.TextField()

    class Meta:
        db_table = "seeding_set_aside"
        managed = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name} of {self.table}"
