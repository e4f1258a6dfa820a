"""Notifications and audit logs in the admin."""

from django.contrib import admin

from mentara.admin.base import MentaraAdmin
from mentara.models import AuditLog, Notification


@admin.register(Notification)
class NotificationAdmin(MentaraAdmin):
    """Notifications."""

    list_display = ("title", "user", "type", "priority", "is_read", "created_at")
    list_filter = ("is_read", "priority", "type")
    list_select_related = ("user",)
    search_fields = ("title", "message", "user__email")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(AuditLog)
class AuditLogAdmin(MentaraAdmin):
    """Audit logs."""

    list_display = ("action", "user", "user_role", "entity", "entity_id", "created_at")
    list_filter = ("action", "entity", "user_role")
    list_select_related = ("user",)
    search_fields = ("description", "user__email", "entity_id")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
