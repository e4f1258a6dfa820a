"""The work of clients and therapists in the admin."""

from django.contrib import admin

from mentara.admin.base import MentaraAdmin
from mentara.models import (
    ClientTherapist,
    Meeting,
    MeetingNotes,
    Review,
    TherapistAvailability,
    Worksheet,
    WorksheetAssignment,
)

CLIENT_SEARCH = ("client__user__email", "client__user__last_name")
THERAPIST_SEARCH = ("therapist__user__email", "therapist__user__last_name")


@admin.register(ClientTherapist)
class ClientTherapistAdmin(MentaraAdmin):
    """Relationships."""

    list_display = ("client", "therapist", "status", "assigned_at")
    list_filter = ("status",)
    list_select_related = ("client__user", "therapist__user")
    search_fields = (*CLIENT_SEARCH, *THERAPIST_SEARCH)
    date_hierarchy = "assigned_at"
    ordering = ("-assigned_at",)


@admin.register(Meeting)
class MeetingAdmin(MentaraAdmin):
    """Meetings."""

    list_display = ("title", "client", "therapist", "start_time", "duration", "status", "meeting_type")
    list_filter = ("status", "meeting_type")
    list_select_related = ("client__user", "therapist__user")
    search_fields = ("title", *CLIENT_SEARCH, *THERAPIST_SEARCH)
    date_hierarchy = "start_time"
    ordering = ("-start_time",)


@admin.register(MeetingNotes)
class MeetingNotesAdmin(MentaraAdmin):
    """Session notes."""

    list_display = ("meeting", "created_at")
    list_select_related = ("meeting",)
    search_fields = ("notes", "meeting__title")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(TherapistAvailability)
class TherapistAvailabilityAdmin(MentaraAdmin):
    """Windows of availability."""

    list_display = ("therapist", "day_of_week", "start_time", "end_time", "timezone", "is_available")
    list_filter = ("day_of_week", "is_available", "timezone")
    list_select_related = ("therapist__user",)
    search_fields = THERAPIST_SEARCH
    ordering = ("therapist", "day_of_week", "start_time")


@admin.register(Worksheet)
class WorksheetAdmin(MentaraAdmin):
    """Worksheets."""

    list_display = ("title", "category", "therapist", "estimated_minutes", "created_at")
    list_filter = ("category",)
    list_select_related = ("therapist__user",)
    search_fields = ("title", "instructions", *THERAPIST_SEARCH)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(WorksheetAssignment)
class WorksheetAssignmentAdmin(MentaraAdmin):
    """Assigned worksheets."""

    list_display = ("worksheet", "client", "status", "assigned_at", "due_date", "submitted_at")
    list_filter = ("status",)
    list_select_related = ("worksheet", "client__user")
    search_fields = ("worksheet__title", *CLIENT_SEARCH)
    date_hierarchy = "due_date"
    ordering = ("-due_date",)


@admin.register(Review)
class ReviewAdmin(MentaraAdmin):
    """Reviews."""

    list_display = ("therapist", "client", "rating", "title", "is_verified", "is_anonymous", "created_at")
    list_filter = ("rating", "is_verified", "is_anonymous")
    list_select_related = ("client__user", "therapist__user")
    search_fields = ("title", "content", *CLIENT_SEARCH, *THERAPIST_SEARCH)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
