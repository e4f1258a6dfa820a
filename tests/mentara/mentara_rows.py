"""Makes a valid row of any table, with the rows that it refers to."""

import datetime as dt
import itertools
import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

_numbers = itertools.count()


def _value(field: models.Field) -> Any:
    if isinstance(field, models.ForeignKey):
        return make(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return dt.date(2015, 3, 1)
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.DecimalField):
        return Decimal("80.00")
    if isinstance(field, models.IntegerField):
        return 3
    return f"{next(_numbers)}@example.org"[: field.max_length]


def make(model: type[models.Model], **values: Any) -> Any:
    """Save a row with the given values; what else is required is filled in."""
    for field in model._meta.fields:
        if field.name not in values and not field.null and not field.has_default():
            values[field.name] = _value(field)
    return model.objects.create(**values)
