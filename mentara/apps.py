"""The Django application that mirrors Mentara's schema."""

from django.apps import AppConfig


class MentaraConfig(AppConfig):
    """Mentara's tables."""

    name = "mentara"
    verbose_name = "Mentara"
