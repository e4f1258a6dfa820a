"""What the admin pages have in common."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

TIMESTAMPS = ("created_at", "updated_at")


class MentaraAdmin(admin.ModelAdmin):
    """A page that stays usable with large tables: references are searched for, not listed."""

    list_per_page = 50
    show_full_result_count = False

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002 - Django's signature
        """Search for every referenced row instead of listing them all."""
        return [field.name for field in self.opts.fields if isinstance(field, models.ForeignKey)]

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        """Put the timestamps last."""
        return sorted(super().get_fields(request, obj), key=TIMESTAMPS.__contains__)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Note the time of a change in the row."""
        if change and "updated_at" not in form.changed_data:
            obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        """Note the time of a change in the rows on the same page, too."""
        for inline in formset.forms:
            if inline.has_changed() and inline.instance.pk and "updated_at" not in inline.changed_data:
                inline.instance.updated_at = timezone.now()
        super().save_formset(request, form, formset, change)
