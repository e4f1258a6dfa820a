"""The work of clients and therapists: relationships, meetings, worksheets, reviews."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from mentara.models.base import IdentifiedModel, TimestampedModel
from mentara.models.users import Client, Therapist


class ClientTherapist(IdentifiedModel):
    """A client in the care of a therapist."""

    class Status(models.TextChoices):
        """Whether the care goes on."""

        ACTIVE = "active"
        INACTIVE = "inactive"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="relationships")
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="relationships")
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    assigned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "client-therapist relationship"
        constraints = [
            models.UniqueConstraint(fields=["client", "therapist"], name="relationship_pair_key"),
        ]
        indexes = [
            models.Index(fields=["status"], name="relationship_status_idx"),
            models.Index(fields=["therapist", "assigned_at"], name="relationship_assigned_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.client} with {self.therapist}"


class Meeting(IdentifiedModel, TimestampedModel):
    """A session of a client and a therapist."""

    class Status(models.TextChoices):
        """What has become of the session."""

        SCHEDULED = "SCHEDULED"
        CONFIRMED = "CONFIRMED"
        WAITING = "WAITING"
        IN_PROGRESS = "IN_PROGRESS"
        COMPLETED = "COMPLETED"
        CANCELLED = "CANCELLED"
        NO_SHOW = "NO_SHOW"

    class Type(models.TextChoices):
        """How the two meet."""

        VIDEO = "video"
        AUDIO = "audio"
        IN_PERSON = "in_person"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="meetings")
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="meetings")
    title = models.CharField(max_length=255)
    description = models.TextField(null=True, blank=True)
    start_time = models.DateTimeField()
    end_time = models.DateTimeField()
    duration = models.PositiveIntegerField(help_text="Minutes.")
    status = models.CharField(max_length=16, choices=Status, default=Status.SCHEDULED)
    meeting_type = models.CharField(max_length=16, choices=Type, default=Type.VIDEO)
    meeting_url = models.CharField(max_length=500, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["status", "start_time"], name="meeting_status_start_idx"),
            models.Index(fields=["therapist", "start_time"], name="meeting_therapist_start_idx"),
            models.Index(fields=["client", "start_time"], name="meeting_client_start_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.start_time:%Y-%m-%d %H:%M})"


class MeetingNotes(IdentifiedModel, TimestampedModel):
    """What the therapist wrote down after a session."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="notes")
    notes = models.TextField()

    class Meta:
        verbose_name_plural = "meeting notes"

    def __str__(self) -> str:
        return f"Notes of {self.meeting}"


class TherapistAvailability(IdentifiedModel, TimestampedModel):
    """Hours of a weekday at which a therapist takes sessions."""

    class Day(models.TextChoices):
        """The day of the week."""

        MONDAY = "MONDAY"
        TUESDAY = "TUESDAY"
        WEDNESDAY = "WEDNESDAY"
        THURSDAY = "THURSDAY"
        FRIDAY = "FRIDAY"
        SATURDAY = "SATURDAY"
        SUNDAY = "SUNDAY"

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="availabilities")
    day_of_week = models.CharField(max_length=16, choices=Day)
    start_time = models.CharField(max_length=5, help_text="HH:MM, local time.")
    end_time = models.CharField(max_length=5, help_text="HH:MM, local time.")
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA name, such as Europe/Paris.")
    is_available = models.BooleanField(default=True)
    notes = models.TextField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "therapist availabilities"
        constraints = [
            models.UniqueConstraint(
                fields=["therapist", "day_of_week", "start_time", "end_time"], name="availability_window_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.therapist}: {self.get_day_of_week_display()} {self.start_time} to {self.end_time}"


class Worksheet(IdentifiedModel, TimestampedModel):
    """An exercise that a therapist hands out."""

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="worksheets")
    title = models.CharField(max_length=255)
    instructions = models.TextField()
    category = models.CharField(max_length=100)
    estimated_minutes = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["therapist", "created_at"], name="worksheet_therapist_made_idx")]

    def __str__(self) -> str:
        return self.title


class WorksheetAssignment(IdentifiedModel, TimestampedModel):
    """A worksheet in the hands of a client."""

    class Status(models.TextChoices):
        """How far the client has come."""

        ASSIGNED = "ASSIGNED"
        SUBMITTED = "SUBMITTED"
        REVIEWED = "REVIEWED"
        OVERDUE = "OVERDUE"

    worksheet = models.ForeignKey(Worksheet, on_delete=models.CASCADE, related_name="assignments")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="worksheet_assignments")
    status = models.CharField(max_length=16, choices=Status, default=Status.ASSIGNED)
    assigned_at = models.DateTimeField(default=timezone.now)
    due_date = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    feedback = models.TextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worksheet", "client"], name="assignment_worksheet_client_key"),
        ]
        indexes = [
            models.Index(fields=["status", "due_date"], name="assignment_status_due_idx"),
            models.Index(fields=["client", "due_date"], name="assignment_client_due_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.worksheet} for {self.client}"


class Review(IdentifiedModel, TimestampedModel):
    """A client's opinion of a therapist."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="reviews")
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="reviews")
    meeting = models.ForeignKey(Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="reviews")
    rating = models.IntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    title = models.CharField(max_length=255, null=True, blank=True)
    content = models.TextField(null=True, blank=True)
    is_anonymous = models.BooleanField(default=False)
    is_verified = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "therapist", "meeting"], name="review_pair_meeting_key"),
            models.CheckConstraint(condition=models.Q(rating__range=(1, 5)), name="review_rating_check"),
        ]
        indexes = [models.Index(fields=["therapist", "created_at"], name="review_therapist_created_idx")]

    def __str__(self) -> str:
        return f"{self.rating}/5 for {self.therapist}"
