"""People: one account table, and one profile table for each role."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction

from mentara.models.base import IdentifiedModel, TimestampedModel


class UserManager(BaseUserManager["User"]):
    """Creates accounts that log in by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account without a profile; the role is `client` unless given."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator: an account of role `admin` with its Admin profile."""
        fields["role"] = User.Role.ADMIN
        with transaction.atomic(using=self._db):
            user = self.create_user(email, password, **fields)
            Admin.objects.using(self._db).create(user=user)
        return user


class User(AbstractBaseUser, IdentifiedModel, TimestampedModel):
    """An account of the platform."""

    class Role(models.TextChoices):
        """What an account is for, and so which profile table it has a row in."""

        CLIENT = "client"
        THERAPIST = "therapist"
        MODERATOR = "moderator"
        ADMIN = "admin"

    email = models.EmailField(unique=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.CLIENT)
    first_name = models.CharField(max_length=100)
    middle_name = models.CharField(max_length=100, null=True, blank=True)
    last_name = models.CharField(max_length=100)
    birth_date = models.DateField(null=True, blank=True)
    address = models.TextField(null=True, blank=True)
    avatar_url = models.CharField(max_length=500, null=True, blank=True)
    bio = models.TextField(null=True, blank=True)
    email_verified = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    last_login = models.DateTimeField(null=True, blank=True, db_column="lastLoginAt")

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        indexes = [models.Index(fields=["role", "created_at"], name="user_role_created_idx")]

    def __str__(self) -> str:
        return f"{self.get_full_name()} <{self.email}>"

    def get_full_name(self) -> str:
        """Return all names, in order."""
        return " ".join(name for name in (self.first_name, self.middle_name, self.last_name) if name)

    def get_short_name(self) -> str:
        """Return the first name."""
        return self.first_name

    @property
    def is_superuser(self) -> bool:
        """Whether the account may do everything: it is an active administrator's."""
        return self.is_active and self.role == self.Role.ADMIN

    @property
    def is_staff(self) -> bool:
        """Whether the account may enter the admin."""
        return self.is_superuser

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Return whether the account holds a permission; administrators hold all of them."""
        return self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002 - Django's signature
        """Return whether the account may see an application in the admin."""
        return self.is_superuser


class Profile(TimestampedModel):
    """What only one role has, keyed by its account."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="%(class)s_profile")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.user)


class Client(Profile):
    """Somebody who seeks help."""

    has_seen_therapist_recommendations = models.BooleanField(default=False)
    city = models.CharField(max_length=100, null=True, blank=True)
    country = models.CharField(max_length=100, null=True, blank=True)


class Admin(Profile):
    """Somebody who runs the platform."""

    permissions = models.JSONField(default=list, blank=True)
    admin_level = models.CharField(max_length=32, default="standard")


class Moderator(Profile):
    """Somebody who keeps communities safe."""

    permissions = models.JSONField(default=list, blank=True)


class Therapist(Profile):
    """Somebody who gives help, once an administrator has approved the application."""

    class Status(models.TextChoices):
        """How far the application has come."""

        PENDING = "PENDING"
        APPROVED = "APPROVED"
        REJECTED = "REJECTED"

    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    mobile = models.CharField(max_length=32)
    province = models.CharField(max_length=100)
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA name, such as Europe/Paris.")
    provider_type = models.CharField(max_length=100)
    license_number = models.CharField(max_length=64, unique=True)
    license_verified = models.BooleanField(default=False)
    practice_start_date = models.DateField()
    years_of_experience = models.PositiveIntegerField()
    expertise = models.JSONField(default=list, blank=True, help_text="List of concern slugs.")
    approaches = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    session_length = models.PositiveIntegerField(default=50, help_text="Minutes.")
    hourly_rate = models.DecimalField(max_digits=10, decimal_places=2)
    accepts_insurance = models.BooleanField(default=False)
    processed_by_admin = models.ForeignKey(
        Admin, on_delete=models.SET_NULL, null=True, blank=True, related_name="processed_therapists"
    )
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "created_at"], name="therapist_status_created_idx")]
