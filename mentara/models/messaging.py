"""Conversations and what is written in them."""

from django.db import models
from django.utils import timezone

from mentara.models.base import IdentifiedModel, TimestampedModel
from mentara.models.users import User


class Conversation(IdentifiedModel, TimestampedModel):
    """A thread of messages."""

    class Type(models.TextChoices):
        """Who talks, and why."""

        DIRECT = "DIRECT"
        GROUP = "GROUP"
        SESSION = "SESSION"
        SUPPORT = "SUPPORT"

    type = models.CharField(max_length=16, choices=Type, default=Type.DIRECT)
    title = models.CharField(max_length=255, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    last_message_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return self.title or f"{self.get_type_display()} {self.pk}"


class ConversationParticipant(IdentifiedModel):
    """A user's seat in a conversation."""

    class Role(models.TextChoices):
        """What the user may do there."""

        MEMBER = "MEMBER"
        MODERATOR = "MODERATOR"
        ADMIN = "ADMIN"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="conversation_participations")
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)
    last_read_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_muted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="participant_seat_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.conversation}"


class Message(IdentifiedModel, TimestampedModel):
    """One line of a conversation."""

    class Type(models.TextChoices):
        """What the message carries."""

        TEXT = "TEXT"
        IMAGE = "IMAGE"
        AUDIO = "AUDIO"
        VIDEO = "VIDEO"
        SYSTEM = "SYSTEM"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    sender = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sent_messages")
    content = models.TextField()
    message_type = models.CharField(max_length=16, choices=Type, default=Type.TEXT)
    reply_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies")
    is_edited = models.BooleanField(default=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    is_deleted = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["conversation", "created_at"], name="message_thread_created_idx")]

    def __str__(self) -> str:
        return self.content[:60]
