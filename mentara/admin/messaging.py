"""Conversations in the admin."""

from django.contrib import admin

from mentara.admin.base import MentaraAdmin
from mentara.models import Conversation, ConversationParticipant, Message


@admin.register(Conversation)
class ConversationAdmin(MentaraAdmin):
    """Conversations."""

    list_display = ("__str__", "type", "is_active", "last_message_at", "created_at")
    list_filter = ("type", "is_active")
    search_fields = ("title", "participants__user__email")
    date_hierarchy = "created_at"
    ordering = ("-last_message_at",)


@admin.register(ConversationParticipant)
class ConversationParticipantAdmin(MentaraAdmin):
    """Participants."""

    list_display = ("user", "conversation", "role", "joined_at", "last_read_at", "is_active", "is_muted")
    list_filter = ("role", "is_active", "is_muted")
    list_select_related = ("user", "conversation")
    search_fields = ("user__email", "user__first_name", "user__last_name", "conversation__title")
    date_hierarchy = "joined_at"
    ordering = ("-joined_at",)


@admin.register(Message)
class MessageAdmin(MentaraAdmin):
    """Messages."""

    list_display = ("__str__", "sender", "conversation", "message_type", "is_deleted", "created_at")
    list_filter = ("message_type", "is_edited", "is_deleted")
    list_select_related = ("sender", "conversation")
    search_fields = ("content", "sender__email")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
