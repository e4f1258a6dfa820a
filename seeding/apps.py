"""The Django application that carries the seeding commands."""

from django.apps import AppConfig


class SeedingConfig(AppConfig):
    """Makes `manage.py seed` and its sister commands known to Django."""

    name = "seeding"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Seeding"
