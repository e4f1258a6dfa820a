"""How Python names become database names: stated here once, for every table and column."""

from typing import Any

from django.db import models
from django.db.models.base import ModelBase


def column_name(attribute: str) -> str:
    """Return the column of an attribute: `community_id` is stored as `communityId`."""
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _name_column(name: str, field: "models.Field[Any, Any]") -> None:
    if field.db_column is None:
        suffix = "_id" if isinstance(field, models.ForeignKey) else ""
        field.db_column = column_name(name + suffix)


def _allow_only_choices(table: str, name: str, field: "models.Field[Any, Any]") -> models.CheckConstraint:
    values = [value for value, _label in field.flatchoices]
    return models.CheckConstraint(
        condition=models.Q(**{f"{name}__in": values}),
        name=f"{table}_{field.db_column}_check",
    )


class MirroredModelBase(ModelBase):
    """Names the table after the class and each column after its attribute, and checks each set of choices."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any) -> Any:
        """Create the model class with its database names filled in."""
        fields = {key: value for key, value in attrs.items() if isinstance(value, models.Field)}
        for key, field in fields.items():
            _name_column(key, field)
        meta = attrs.setdefault("Meta", type("Meta", (), {}))
        if not getattr(meta, "abstract", False):
            meta.db_table = name
            checks = [_allow_only_choices(name, key, field) for key, field in fields.items() if field.choices]
            meta.constraints = [*getattr(meta, "constraints", []), *checks]
        return super().__new__(cls, name, bases, attrs, **kwargs)
