"""What the platform tells its users, and what it remembers of their doings."""

from django.db import models

from mentara.models.base import CreatedModel, IdentifiedModel, TimestampedModel
from mentara.models.users import User


class Notification(IdentifiedModel, TimestampedModel):
    """Something that a user should know."""

    class Type(models.TextChoices):
        """What happened."""

        APPOINTMENT_REMINDER = "APPOINTMENT_REMINDER"
        APPOINTMENT_CONFIRMED = "APPOINTMENT_CONFIRMED"
        APPOINTMENT_CANCELLED = "APPOINTMENT_CANCELLED"
        MESSAGE_RECEIVED = "MESSAGE_RECEIVED"
        WORKSHEET_ASSIGNED = "WORKSHEET_ASSIGNED"
        WORKSHEET_DUE = "WORKSHEET_DUE"
        WORKSHEET_FEEDBACK = "WORKSHEET_FEEDBACK"
        REVIEW_REQUEST = "REVIEW_REQUEST"
        REVIEW_RECEIVED = "REVIEW_RECEIVED"
        THERAPIST_APPROVED = "THERAPIST_APPROVED"
        RELATIONSHIP_ESTABLISHED = "RELATIONSHIP_ESTABLISHED"
        COMMUNITY_POST = "COMMUNITY_POST"
        COMMUNITY_REPLY = "COMMUNITY_REPLY"
        COMMUNITY_JOINED = "COMMUNITY_JOINED"
        COMMUNITY_WELCOME = "COMMUNITY_WELCOME"
        SYSTEM_UPDATE = "SYSTEM_UPDATE"

    class Priority(models.TextChoices):
        """How much it matters."""

        LOW = "LOW"
        NORMAL = "NORMAL"
        HIGH = "HIGH"
        URGENT = "URGENT"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    type = models.CharField(max_length=32, choices=Type)
    priority = models.CharField(max_length=16, choices=Priority, default=Priority.NORMAL)
    title = models.CharField(max_length=255)
    message = models.TextField()
    data = models.JSONField(default=dict, blank=True, help_text='{"entity": table, "entityId": id}')
    action_url = models.CharField(max_length=500, null=True, blank=True)
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "is_read"], name="notification_user_read_idx"),
            models.Index(fields=["user", "created_at"], name="notification_user_created_idx"),
        ]

    def __str__(self) -> str:
        return self.title


class AuditLog(IdentifiedModel, CreatedModel):
    """Something that was done, by whom, to which row."""

    class Action(models.TextChoices):
        """What was done."""

        USER_REGISTER = "USER_REGISTER"
        USER_LOGIN = "USER_LOGIN"
        APPROVE_THERAPIST_APPLICATION = "APPROVE_THERAPIST_APPLICATION"
        REJECT_THERAPIST_APPLICATION = "REJECT_THERAPIST_APPLICATION"
        MODERATE_POST = "MODERATE_POST"
        MODERATE_COMMENT = "MODERATE_COMMENT"
        SUSPEND_USER = "SUSPEND_USER"
        REVIEW_MODERATE = "REVIEW_MODERATE"
        DATA_EXPORT = "DATA_EXPORT"
        ADMIN_SYSTEM_CONFIG = "ADMIN_SYSTEM_CONFIG"

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="audit_logs")
    user_role = models.CharField(max_length=16, null=True, blank=True)
    action = models.CharField(max_length=32, choices=Action)
    entity = models.CharField(max_length=64, help_text="The table of the row.")
    entity_id = models.UUIDField()
    description = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["action", "created_at"], name="audit_action_created_idx"),
            models.Index(fields=["entity", "entity_id"], name="audit_entity_idx"),
            models.Index(fields=["user", "created_at"], name="audit_user_created_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} on {self.entity} {self.entity_id}"
