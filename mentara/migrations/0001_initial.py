"""The whole schema, tables in the order of their references."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(db_column="email", max_length=254, unique=True)),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("client", "Client"),
                            ("therapist", "Therapist"),
                            ("moderator", "Moderator"),
                            ("admin", "Admin"),
                        ],
                        db_column="role",
                        default="client",
                        max_length=16,
                    ),
                ),
                ("first_name", models.CharField(db_column="firstName", max_length=100)),
                (
                    "middle_name",
                    models.CharField(blank=True, db_column="middleName", max_length=100, null=True),
                ),
                ("last_name", models.CharField(db_column="lastName", max_length=100)),
                ("birth_date", models.DateField(blank=True, db_column="birthDate", null=True)),
                ("address", models.TextField(blank=True, db_column="address", null=True)),
                (
                    "avatar_url",
                    models.CharField(blank=True, db_column="avatarUrl", max_length=500, null=True),
                ),
                ("bio", models.TextField(blank=True, db_column="bio", null=True)),
                ("email_verified", models.BooleanField(db_column="emailVerified", default=False)),
                ("is_active", models.BooleanField(db_column="isActive", default=True)),
                ("last_login", models.DateTimeField(blank=True, db_column="lastLoginAt", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "User",
                "indexes": [models.Index(fields=["role", "created_at"], name="user_role_created_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["client", "therapist", "moderator", "admin"])),
                        name="User_role_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Client",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="%(class)s_profile",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "has_seen_therapist_recommendations",
                    models.BooleanField(db_column="hasSeenTherapistRecommendations", default=False),
                ),
                ("city", models.CharField(blank=True, db_column="city", max_length=100, null=True)),
                ("country", models.CharField(blank=True, db_column="country", max_length=100, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Client",
            },
        ),
        migrations.CreateModel(
            name="Admin",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="%(class)s_profile",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("permissions", models.JSONField(blank=True, db_column="permissions", default=list)),
                ("admin_level", models.CharField(db_column="adminLevel", default="standard", max_length=32)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Admin",
            },
        ),
        migrations.CreateModel(
            name="Moderator",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="%(class)s_profile",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("permissions", models.JSONField(blank=True, db_column="permissions", default=list)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Moderator",
            },
        ),
        migrations.CreateModel(
            name="Therapist",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="%(class)s_profile",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("PENDING", "Pending"), ("APPROVED", "Approved"), ("REJECTED", "Rejected")],
                        db_column="status",
                        default="PENDING",
                        max_length=16,
                    ),
                ),
                ("mobile", models.CharField(db_column="mobile", max_length=32)),
                ("province", models.CharField(db_column="province", max_length=100)),
                (
                    "timezone",
                    models.CharField(
                        db_column="timezone",
                        default="UTC",
                        help_text="IANA name, such as Europe/Paris.",
                        max_length=64,
                    ),
                ),
                ("provider_type", models.CharField(db_column="providerType", max_length=100)),
                ("license_number", models.CharField(db_column="licenseNumber", max_length=64, unique=True)),
                ("license_verified", models.BooleanField(db_column="licenseVerified", default=False)),
                ("practice_start_date", models.DateField(db_column="practiceStartDate")),
                ("years_of_experience", models.PositiveIntegerField(db_column="yearsOfExperience")),
                (
                    "expertise",
                    models.JSONField(
                        blank=True, db_column="expertise", default=list, help_text="List of concern slugs."
                    ),
                ),
                ("approaches", models.JSONField(blank=True, db_column="approaches", default=list)),
                ("languages", models.JSONField(blank=True, db_column="languages", default=list)),
                (
                    "session_length",
                    models.PositiveIntegerField(db_column="sessionLength", default=50, help_text="Minutes."),
                ),
                ("hourly_rate", models.DecimalField(db_column="hourlyRate", decimal_places=2, max_digits=10)),
                ("accepts_insurance", models.BooleanField(db_column="acceptsInsurance", default=False)),
                (
                    "processed_by_admin",
                    models.ForeignKey(
                        blank=True,
                        db_column="processedByAdminId",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="processed_therapists",
                        to="mentara.admin",
                    ),
                ),
                ("processed_at", models.DateTimeField(blank=True, db_column="processedAt", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Therapist",
                "indexes": [
                    models.Index(fields=["status", "created_at"], name="therapist_status_created_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["PENDING", "APPROVED", "REJECTED"])),
                        name="Therapist_status_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Community",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(db_column="name", max_length=255, unique=True)),
                ("slug", models.SlugField(db_column="slug", max_length=255, unique=True)),
                ("description", models.TextField(db_column="description")),
                ("image_url", models.CharField(db_column="imageUrl", max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "verbose_name_plural": "communities",
                "db_table": "Community",
            },
        ),
        migrations.CreateModel(
            name="CommunityMember",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="community_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        db_column="communityId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="mentara.community",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("MEMBER", "Member"), ("MODERATOR", "Moderator")],
                        db_column="role",
                        default="MEMBER",
                        max_length=16,
                    ),
                ),
                ("joined_at", models.DateTimeField(db_column="joinedAt", default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "CommunityMember",
                "indexes": [
                    models.Index(fields=["community", "joined_at"], name="member_community_joined_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "community"), name="member_user_community_key"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["MEMBER", "MODERATOR"])),
                        name="CommunityMember_role_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        db_column="communityId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="mentara.community",
                    ),
                ),
                ("title", models.CharField(db_column="title", max_length=255)),
                ("content", models.TextField(db_column="content")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Post",
                "indexes": [
                    models.Index(fields=["community", "created_at"], name="post_community_created_idx"),
                    models.Index(fields=["user", "created_at"], name="post_user_created_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_column="postId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="mentara.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_column="parentId",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="mentara.comment",
                    ),
                ),
                ("content", models.TextField(db_column="content")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Comment",
                "indexes": [models.Index(fields=["post", "created_at"], name="comment_post_created_idx")],
            },
        ),
        migrations.CreateModel(
            name="Heart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hearts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        db_column="postId",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hearts",
                        to="mentara.post",
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        blank=True,
                        db_column="commentId",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hearts",
                        to="mentara.comment",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
            ],
            options={
                "db_table": "Heart",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "post"), name="heart_user_post_key"),
                    models.UniqueConstraint(fields=("user", "comment"), name="heart_user_comment_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("comment__isnull", True), ("post__isnull", False)),
                            models.Q(("comment__isnull", False), ("post__isnull", True)),
                            _connector="OR",
                        ),
                        name="heart_one_target_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientTherapist",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_column="clientId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relationships",
                        to="mentara.client",
                    ),
                ),
                (
                    "therapist",
                    models.ForeignKey(
                        db_column="therapistId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relationships",
                        to="mentara.therapist",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("inactive", "Inactive")],
                        db_column="status",
                        default="active",
                        max_length=16,
                    ),
                ),
                (
                    "assigned_at",
                    models.DateTimeField(db_column="assignedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "verbose_name": "client-therapist relationship",
                "db_table": "ClientTherapist",
                "indexes": [
                    models.Index(fields=["status"], name="relationship_status_idx"),
                    models.Index(fields=["therapist", "assigned_at"], name="relationship_assigned_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("client", "therapist"), name="relationship_pair_key"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "inactive"])),
                        name="ClientTherapist_status_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_column="clientId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meetings",
                        to="mentara.client",
                    ),
                ),
                (
                    "therapist",
                    models.ForeignKey(
                        db_column="therapistId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meetings",
                        to="mentara.therapist",
                    ),
                ),
                ("title", models.CharField(db_column="title", max_length=255)),
                ("description", models.TextField(blank=True, db_column="description", null=True)),
                ("start_time", models.DateTimeField(db_column="startTime")),
                ("end_time", models.DateTimeField(db_column="endTime")),
                ("duration", models.PositiveIntegerField(db_column="duration", help_text="Minutes.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("SCHEDULED", "Scheduled"),
                            ("CONFIRMED", "Confirmed"),
                            ("WAITING", "Waiting"),
                            ("IN_PROGRESS", "In Progress"),
                            ("COMPLETED", "Completed"),
                            ("CANCELLED", "Cancelled"),
                            ("NO_SHOW", "No Show"),
                        ],
                        db_column="status",
                        default="SCHEDULED",
                        max_length=16,
                    ),
                ),
                (
                    "meeting_type",
                    models.CharField(
                        choices=[("video", "Video"), ("audio", "Audio"), ("in_person", "In Person")],
                        db_column="meetingType",
                        default="video",
                        max_length=16,
                    ),
                ),
                (
                    "meeting_url",
                    models.CharField(blank=True, db_column="meetingUrl", max_length=500, null=True),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Meeting",
                "indexes": [
                    models.Index(fields=["status", "start_time"], name="meeting_status_start_idx"),
                    models.Index(fields=["therapist", "start_time"], name="meeting_therapist_start_idx"),
                    models.Index(fields=["client", "start_time"], name="meeting_client_start_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "SCHEDULED",
                                    "CONFIRMED",
                                    "WAITING",
                                    "IN_PROGRESS",
                                    "COMPLETED",
                                    "CANCELLED",
                                    "NO_SHOW",
                                ],
                            )
                        ),
                        name="Meeting_status_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("meeting_type__in", ["video", "audio", "in_person"])),
                        name="Meeting_meetingType_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeetingNotes",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        db_column="meetingId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="mentara.meeting",
                    ),
                ),
                ("notes", models.TextField(db_column="notes")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "verbose_name_plural": "meeting notes",
                "db_table": "MeetingNotes",
            },
        ),
        migrations.CreateModel(
            name="TherapistAvailability",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "therapist",
                    models.ForeignKey(
                        db_column="therapistId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="availabilities",
                        to="mentara.therapist",
                    ),
                ),
                (
                    "day_of_week",
                    models.CharField(
                        choices=[
                            ("MONDAY", "Monday"),
                            ("TUESDAY", "Tuesday"),
                            ("WEDNESDAY", "Wednesday"),
                            ("THURSDAY", "Thursday"),
                            ("FRIDAY", "Friday"),
                            ("SATURDAY", "Saturday"),
                            ("SUNDAY", "Sunday"),
                        ],
                        db_column="dayOfWeek",
                        max_length=16,
                    ),
                ),
                (
                    "start_time",
                    models.CharField(db_column="startTime", help_text="HH:MM, local time.", max_length=5),
                ),
                (
                    "end_time",
                    models.CharField(db_column="endTime", help_text="HH:MM, local time.", max_length=5),
                ),
                (
                    "timezone",
                    models.CharField(
                        db_column="timezone",
                        default="UTC",
                        help_text="IANA name, such as Europe/Paris.",
                        max_length=64,
                    ),
                ),
                ("is_available", models.BooleanField(db_column="isAvailable", default=True)),
                ("notes", models.TextField(blank=True, db_column="notes", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "verbose_name_plural": "therapist availabilities",
                "db_table": "TherapistAvailability",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("therapist", "day_of_week", "start_time", "end_time"),
                        name="availability_window_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "day_of_week__in",
                                [
                                    "MONDAY",
                                    "TUESDAY",
                                    "WEDNESDAY",
                                    "THURSDAY",
                                    "FRIDAY",
                                    "SATURDAY",
                                    "SUNDAY",
                                ],
                            )
                        ),
                        name="TherapistAvailability_dayOfWeek_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Worksheet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "therapist",
                    models.ForeignKey(
                        db_column="therapistId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="worksheets",
                        to="mentara.therapist",
                    ),
                ),
                ("title", models.CharField(db_column="title", max_length=255)),
                ("instructions", models.TextField(db_column="instructions")),
                ("category", models.CharField(db_column="category", max_length=100)),
                ("estimated_minutes", models.PositiveIntegerField(db_column="estimatedMinutes")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Worksheet",
                "indexes": [
                    models.Index(fields=["therapist", "created_at"], name="worksheet_therapist_made_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="WorksheetAssignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "worksheet",
                    models.ForeignKey(
                        db_column="worksheetId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="mentara.worksheet",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_column="clientId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="worksheet_assignments",
                        to="mentara.client",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ASSIGNED", "Assigned"),
                            ("SUBMITTED", "Submitted"),
                            ("REVIEWED", "Reviewed"),
                            ("OVERDUE", "Overdue"),
                        ],
                        db_column="status",
                        default="ASSIGNED",
                        max_length=16,
                    ),
                ),
                (
                    "assigned_at",
                    models.DateTimeField(db_column="assignedAt", default=django.utils.timezone.now),
                ),
                ("due_date", models.DateTimeField(db_column="dueDate")),
                ("submitted_at", models.DateTimeField(blank=True, db_column="submittedAt", null=True)),
                ("feedback", models.TextField(blank=True, db_column="feedback", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "WorksheetAssignment",
                "indexes": [
                    models.Index(fields=["status", "due_date"], name="assignment_status_due_idx"),
                    models.Index(fields=["client", "due_date"], name="assignment_client_due_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worksheet", "client"), name="assignment_worksheet_client_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["ASSIGNED", "SUBMITTED", "REVIEWED", "OVERDUE"])),
                        name="WorksheetAssignment_status_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_column="clientId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="mentara.client",
                    ),
                ),
                (
                    "therapist",
                    models.ForeignKey(
                        db_column="therapistId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="mentara.therapist",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        db_column="meetingId",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reviews",
                        to="mentara.meeting",
                    ),
                ),
                (
                    "rating",
                    models.IntegerField(
                        db_column="rating",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("title", models.CharField(blank=True, db_column="title", max_length=255, null=True)),
                ("content", models.TextField(blank=True, db_column="content", null=True)),
                ("is_anonymous", models.BooleanField(db_column="isAnonymous", default=False)),
                ("is_verified", models.BooleanField(db_column="isVerified", default=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Review",
                "indexes": [
                    models.Index(fields=["therapist", "created_at"], name="review_therapist_created_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "therapist", "meeting"), name="review_pair_meeting_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rating__range", (1, 5))), name="review_rating_check"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("DIRECT", "Direct"),
                            ("GROUP", "Group"),
                            ("SESSION", "Session"),
                            ("SUPPORT", "Support"),
                        ],
                        db_column="type",
                        default="DIRECT",
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(blank=True, db_column="title", max_length=255, null=True)),
                ("is_active", models.BooleanField(db_column="isActive", default=True)),
                (
                    "last_message_at",
                    models.DateTimeField(blank=True, db_column="lastMessageAt", db_index=True, null=True),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Conversation",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("type__in", ["DIRECT", "GROUP", "SESSION", "SUPPORT"])),
                        name="Conversation_type_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversationParticipant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_column="conversationId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="mentara.conversation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversation_participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("MEMBER", "Member"), ("MODERATOR", "Moderator"), ("ADMIN", "Admin")],
                        db_column="role",
                        default="MEMBER",
                        max_length=16,
                    ),
                ),
                ("joined_at", models.DateTimeField(db_column="joinedAt", default=django.utils.timezone.now)),
                ("last_read_at", models.DateTimeField(blank=True, db_column="lastReadAt", null=True)),
                ("is_active", models.BooleanField(db_column="isActive", default=True)),
                ("is_muted", models.BooleanField(db_column="isMuted", default=False)),
            ],
            options={
                "db_table": "ConversationParticipant",
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "user"), name="participant_seat_key"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["MEMBER", "MODERATOR", "ADMIN"])),
                        name="ConversationParticipant_role_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_column="conversationId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="mentara.conversation",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_column="senderId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sent_messages",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("content", models.TextField(db_column="content")),
                (
                    "message_type",
                    models.CharField(
                        choices=[
                            ("TEXT", "Text"),
                            ("IMAGE", "Image"),
                            ("AUDIO", "Audio"),
                            ("VIDEO", "Video"),
                            ("SYSTEM", "System"),
                        ],
                        db_column="messageType",
                        default="TEXT",
                        max_length=16,
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        db_column="replyToId",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replies",
                        to="mentara.message",
                    ),
                ),
                ("is_edited", models.BooleanField(db_column="isEdited", default=False)),
                ("edited_at", models.DateTimeField(blank=True, db_column="editedAt", null=True)),
                ("is_deleted", models.BooleanField(db_column="isDeleted", default=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Message",
                "indexes": [
                    models.Index(fields=["conversation", "created_at"], name="message_thread_created_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("message_type__in", ["TEXT", "IMAGE", "AUDIO", "VIDEO", "SYSTEM"])
                        ),
                        name="Message_messageType_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PreAssessment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pre_assessments",
                        to="mentara.client",
                    ),
                ),
                ("scores", models.JSONField(blank=True, db_column="scores", default=dict)),
                ("severity_levels", models.JSONField(blank=True, db_column="severityLevels", default=dict)),
                ("is_processed", models.BooleanField(db_column="isProcessed", default=False)),
                ("completed_at", models.DateTimeField(blank=True, db_column="completedAt", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "PreAssessment",
                "indexes": [
                    models.Index(fields=["user", "completed_at"], name="assessment_user_completed_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="PreAssessmentAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "pre_assessment",
                    models.ForeignKey(
                        db_column="preAssessmentId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="mentara.preassessment",
                    ),
                ),
                ("questionnaire", models.CharField(db_column="questionnaire", max_length=64)),
                (
                    "answer_index",
                    models.PositiveIntegerField(
                        db_column="answerIndex", help_text="The item, counted from 0."
                    ),
                ),
                ("value", models.IntegerField(db_column="value")),
            ],
            options={
                "db_table": "PreAssessmentAnswer",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pre_assessment", "questionnaire", "answer_index"), name="answer_item_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="userId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("APPOINTMENT_REMINDER", "Appointment Reminder"),
                            ("APPOINTMENT_CONFIRMED", "Appointment Confirmed"),
                            ("APPOINTMENT_CANCELLED", "Appointment Cancelled"),
                            ("MESSAGE_RECEIVED", "Message Received"),
                            ("WORKSHEET_ASSIGNED", "Worksheet Assigned"),
                            ("WORKSHEET_DUE", "Worksheet Due"),
                            ("WORKSHEET_FEEDBACK", "Worksheet Feedback"),
                            ("REVIEW_REQUEST", "Review Request"),
                            ("REVIEW_RECEIVED", "Review Received"),
                            ("THERAPIST_APPROVED", "Therapist Approved"),
                            ("RELATIONSHIP_ESTABLISHED", "Relationship Established"),
                            ("COMMUNITY_POST", "Community Post"),
                            ("COMMUNITY_REPLY", "Community Reply"),
                            ("COMMUNITY_JOINED", "Community Joined"),
                            ("COMMUNITY_WELCOME", "Community Welcome"),
                            ("SYSTEM_UPDATE", "System Update"),
                        ],
                        db_column="type",
                        max_length=32,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[
                            ("LOW", "Low"),
                            ("NORMAL", "Normal"),
                            ("HIGH", "High"),
                            ("URGENT", "Urgent"),
                        ],
                        db_column="priority",
                        default="NORMAL",
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(db_column="title", max_length=255)),
                ("message", models.TextField(db_column="message")),
                (
                    "data",
                    models.JSONField(
                        blank=True,
                        db_column="data",
                        default=dict,
                        help_text='{"entity": table, "entityId": id}',
                    ),
                ),
                (
                    "action_url",
                    models.CharField(blank=True, db_column="actionUrl", max_length=500, null=True),
                ),
                ("is_read", models.BooleanField(db_column="isRead", default=False)),
                ("read_at", models.DateTimeField(blank=True, db_column="readAt", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Notification",
                "indexes": [
                    models.Index(fields=["user", "is_read"], name="notification_user_read_idx"),
                    models.Index(fields=["user", "created_at"], name="notification_user_created_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "APPOINTMENT_REMINDER",
                                    "APPOINTMENT_CONFIRMED",
                                    "APPOINTMENT_CANCELLED",
                                    "MESSAGE_RECEIVED",
                                    "WORKSHEET_ASSIGNED",
                                    "WORKSHEET_DUE",
                                    "WORKSHEET_FEEDBACK",
                                    "REVIEW_REQUEST",
                                    "REVIEW_RECEIVED",
                                    "THERAPIST_APPROVED",
                                    "RELATIONSHIP_ESTABLISHED",
                                    "COMMUNITY_POST",
                                    "COMMUNITY_REPLY",
                                    "COMMUNITY_JOINED",
                                    "COMMUNITY_WELCOME",
                                    "SYSTEM_UPDATE",
                                ],
                            )
                        ),
                        name="Notification_type_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["LOW", "NORMAL", "HIGH", "URGENT"])),
                        name="Notification_priority_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditLog",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_column="userId",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="audit_logs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("user_role", models.CharField(blank=True, db_column="userRole", max_length=16, null=True)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("USER_REGISTER", "User Register"),
                            ("USER_LOGIN", "User Login"),
                            ("APPROVE_THERAPIST_APPLICATION", "Approve Therapist Application"),
                            ("REJECT_THERAPIST_APPLICATION", "Reject Therapist Application"),
                            ("MODERATE_POST", "Moderate Post"),
                            ("MODERATE_COMMENT", "Moderate Comment"),
                            ("SUSPEND_USER", "Suspend User"),
                            ("REVIEW_MODERATE", "Review Moderate"),
                            ("DATA_EXPORT", "Data Export"),
                            ("ADMIN_SYSTEM_CONFIG", "Admin System Config"),
                        ],
                        db_column="action",
                        max_length=32,
                    ),
                ),
                (
                    "entity",
                    models.CharField(db_column="entity", help_text="The table of the row.", max_length=64),
                ),
                ("entity_id", models.UUIDField(db_column="entityId")),
                ("description", models.TextField(blank=True, db_column="description", null=True)),
                ("metadata", models.JSONField(blank=True, db_column="metadata", null=True)),
                ("ip_address", models.GenericIPAddressField(blank=True, db_column="ipAddress", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
            ],
            options={
                "db_table": "AuditLog",
                "indexes": [
                    models.Index(fields=["action", "created_at"], name="audit_action_created_idx"),
                    models.Index(fields=["entity", "entity_id"], name="audit_entity_idx"),
                    models.Index(fields=["user", "created_at"], name="audit_user_created_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                [
                                    "USER_REGISTER",
                                    "USER_LOGIN",
                                    "APPROVE_THERAPIST_APPLICATION",
                                    "REJECT_THERAPIST_APPLICATION",
                                    "MODERATE_POST",
                                    "MODERATE_COMMENT",
                                    "SUSPEND_USER",
                                    "REVIEW_MODERATE",
                                    "DATA_EXPORT",
                                    "ADMIN_SYSTEM_CONFIG",
                                ],
                            )
                        ),
                        name="AuditLog_action_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_column="clientId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invoices",
                        to="mentara.client",
                    ),
                ),
                ("number", models.CharField(db_column="number", max_length=64, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("OPEN", "Open"), ("PAID", "Paid"), ("VOID", "Void")],
                        db_column="status",
                        default="DRAFT",
                        max_length=16,
                    ),
                ),
                ("total", models.DecimalField(db_column="total", decimal_places=2, max_digits=10)),
                ("currency", models.CharField(db_column="currency", max_length=3)),
                ("issued_at", models.DateTimeField(db_column="issuedAt")),
                ("due_date", models.DateTimeField(db_column="dueDate")),
                ("paid_at", models.DateTimeField(blank=True, db_column="paidAt", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Invoice",
                "indexes": [models.Index(fields=["status", "due_date"], name="invoice_status_due_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["DRAFT", "OPEN", "PAID", "VOID"])),
                        name="Invoice_status_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_column="id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_column="clientId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payments",
                        to="mentara.client",
                    ),
                ),
                (
                    "therapist",
                    models.ForeignKey(
                        db_column="therapistId",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payments",
                        to="mentara.therapist",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        db_column="meetingId",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="payments",
                        to="mentara.meeting",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        db_column="invoiceId",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="payments",
                        to="mentara.invoice",
                    ),
                ),
                ("amount", models.DecimalField(db_column="amount", decimal_places=2, max_digits=10)),
                ("currency", models.CharField(db_column="currency", max_length=3)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("COMPLETED", "Completed"),
                            ("FAILED", "Failed"),
                            ("REFUNDED", "Refunded"),
                        ],
                        db_column="status",
                        default="PENDING",
                        max_length=16,
                    ),
                ),
                ("processed_at", models.DateTimeField(blank=True, db_column="processedAt", null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_column="createdAt", db_index=True, default=django.utils.timezone.now
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_column="updatedAt", default=django.utils.timezone.now),
                ),
            ],
            options={
                "db_table": "Payment",
                "indexes": [models.Index(fields=["status", "created_at"], name="payment_status_created_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["PENDING", "COMPLETED", "FAILED", "REFUNDED"])),
                        name="Payment_status_check",
                    )
                ],
            },
        ),
    ]
