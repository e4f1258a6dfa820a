"""The Django application that carries the seeding commands."""

from typing import Any

from django.apps import AppConfig
from django.db import connections, router
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import post_migrate


class SeedingConfig(AppConfig):
    """Makes `manage.py seed` and its sister commands known to Django."""

    name = "seeding"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Seeding"

    def ready(self) -> None:
        """Have the table that Django does not manage made where tables are made without migrations."""
        post_migrate.connect(make_unmanaged_table, sender=self)


def make_unmanaged_table(sender: AppConfig, using: str, **_: Any) -> None:
    """Make the table of what is set aside, if it is not there and no migration makes it."""
    model = sender.get_model("SetAside")
    migrated = MigrationLoader.migrations_module(sender.label)[0] is not None
    if migrated or not router.allow_migrate_model(using, model):
        return
    if model._meta.db_table not in connections[using].introspection.table_names():
        with connections[using].schema_editor() as editor:
            editor.create_model(model)
