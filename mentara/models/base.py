"""What the tables have in common."""

import uuid

from django.db import models
from django.utils import timezone

from mentara.naming import MirroredModelBase


class MirroredModel(models.Model, metaclass=MirroredModelBase):
    """A model whose table and columns carry Mentara's own names."""

    class Meta:
        abstract = True


class IdentifiedModel(MirroredModel):
    """A row known by a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class CreatedModel(MirroredModel):
    """A row that tells when it was made."""

    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        abstract = True


class TimestampedModel(CreatedModel):
    """A row that tells when it was made and last changed."""

    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
