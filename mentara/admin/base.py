"""What the admin pages have in common."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

TIMESTAMPS = ("created_at", "updated_at")


class Text(forms.CharField):
    """A text of several lines, which browsers end otherwise than the database does."""

    def to_python(self, value: Any) -> Any:
        """Return the text with plain line ends."""
        return plain(super().to_python(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether more than its line ends has changed."""
        return super().has_changed(plain(initial), data)


def plain(text: Any) -> Any:
    """Return a text, if it is one, with plain line ends."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


class Json(forms.JSONField):
    """A value that is never null: where nothing is given, it is the column's default."""

    def __init__(self, *, default: Any, **options: Any) -> None:
        super().__init__(**options)
        self.default = default

    def clean(self, value: Any) -> Any:
        """Return the value given, or the default."""
        given = super().clean(value)
        return self.default() if given is None else given


class Faithful(admin.options.BaseModelAdmin):
    """Forms that write what somebody has changed, and leave the rest of a row as it is."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Keep null apart from an empty text, line ends plain, and null out of columns that have none."""
        if isinstance(db_field, models.TextField):
            options |= {"form_class": Text, "empty_value": None if db_field.null else "", "strip": False}
        elif isinstance(db_field, models.JSONField) and not db_field.null:
            options["form_class"] = partial(Json, default=db_field.get_default)
        return super().formfield_for_dbfield(db_field, request, **options)


def changed_alone(form: Any) -> None:
    """Give the row of a form back what nobody has changed, as the form shows some of it in part: whole seconds.

    The time of the change is noted, unless that was given.
    """
    for name in form.fields.keys() & form.initial.keys() - {*form.changed_data}:
        column = form.instance._meta.get_field(name)
        if column.null or form.initial[name] is not None:
            setattr(form.instance, column.attname, form.initial[name])
    if "updated_at" not in form.changed_data:
        form.instance.updated_at = timezone.now()


class MentaraAdmin(Faithful, admin.ModelAdmin):
    """A page that stays usable with large tables: references are searched for, not listed."""

    list_per_page = 50
    show_full_result_count = False

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002 - Django's signature
        """Search for every referenced row instead of listing them all."""
        return [field.name for field in self.opts.fields if isinstance(field, models.ForeignKey)]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read with each row those that its name is made of, wherever it is named."""
        found, related = super().get_queryset(request), self.list_select_related
        return found.select_related(*related) if isinstance(related, tuple) else found

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        """Put the timestamps last."""
        return sorted(super().get_fields(request, obj), key=TIMESTAMPS.__contains__)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save what was changed."""
        if change:
            changed_alone(form)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save what was changed in the rows on the same page, too."""
        for inline in formset.forms:
            if inline.has_changed() and not inline.instance._state.adding:  # noqa: SLF001 - documented for this purpose
                changed_alone(inline)
        super().save_formset(request, form, formset, change)
