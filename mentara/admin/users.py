"""Accounts and profiles in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest

from mentara.admin.base import Faithful, MentaraAdmin
from mentara.models import Admin, Client, Moderator, Therapist, User

PROFILE_SEARCH = ("user__first_name", "user__last_name", "user__email")

admin.site.unregister(Group)


class AccountCreationForm(AdminUserCreationForm):
    """A new account, known by its e-mail address."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "role")


class AccountChangeForm(UserChangeForm):
    """An existing account."""

    class Meta:
        model = User
        fields = "__all__"


class ProfileForm(ModelForm):
    """A profile that can be made although nothing in it was altered."""

    def has_changed(self) -> bool:
        """Return whether there is something to save: what was altered, or all of a profile that the account lacks.

        An account that is given another role lacks none of the one it had.
        """
        role = self.fields["user"].parent_instance.role  # type: ignore[attr-defined]  # Django's field for an inline
        lacks = self.instance._state.adding and PROFILES[role].model is type(self.instance)  # noqa: SLF001 - documented for this purpose
        return lacks or super().has_changed()


class ProfileInline(Faithful, admin.StackedInline):
    """The one profile that an account has, shown on the account's page."""

    form: Any = ProfileForm
    fk_name = "user"
    can_delete = False


class ClientInline(ProfileInline):
    """A client's profile."""

    model = Client


class TherapistInline(ProfileInline):
    """A therapist's profile."""

    model = Therapist
    form = ModelForm  # what it asks for has to be given
    autocomplete_fields = ("processed_by_admin",)


class AdminInline(ProfileInline):
    """An administrator's profile."""

    model = Admin


class ModeratorInline(ProfileInline):
    """A moderator's profile."""

    model = Moderator


PROFILES: dict[str, type[ProfileInline]] = {
    User.Role.CLIENT: ClientInline,
    User.Role.THERAPIST: TherapistInline,
    User.Role.ADMIN: AdminInline,
    User.Role.MODERATOR: ModeratorInline,
}


@admin.register(User)
class UserAdmin(DjangoUserAdmin, MentaraAdmin):
    """Accounts, with the profile that goes with the role."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    list_display = ("email", "full_name", "role", "is_active", "email_verified", "created_at")
    list_filter = ("role", "is_active", "email_verified")
    search_fields = ("email", "first_name", "last_name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    filter_horizontal = ()
    readonly_fields = ("last_login",)
    fieldsets = (
        (None, {"fields": ("email", "password", "role", "is_active", "email_verified")}),
        ("Person", {"fields": ("first_name", "middle_name", "last_name", "birth_date", "address")}),
        ("Public", {"fields": ("avatar_url", "bio")}),
        ("Times", {"fields": ("last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "role")}),
        ("Password", {"fields": ("usable_password", "password1", "password2")}),
    )

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: User) -> str:
        """Return all names of the account's holder."""
        return user.get_full_name()

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:  # noqa: ARG002 - Django's signature
        """Show the profile of the account's role, once there is an account."""
        return [PROFILES[obj.role]] if obj else []


@admin.register(Client)
class ClientAdmin(MentaraAdmin):
    """Clients."""

    list_display = ("user", "city", "country", "has_seen_therapist_recommendations", "created_at")
    list_filter = ("has_seen_therapist_recommendations", "country")
    list_select_related = ("user",)
    search_fields = (*PROFILE_SEARCH, "city")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(Therapist)
class TherapistAdmin(MentaraAdmin):
    """Therapists and their applications."""

    list_display = ("user", "status", "provider_type", "province", "hourly_rate", "license_verified", "created_at")
    list_filter = ("status", "license_verified", "accepts_insurance", "provider_type", "province")
    list_select_related = ("user",)
    search_fields = (*PROFILE_SEARCH, "license_number")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(Admin)
class AdminAdmin(MentaraAdmin):
    """Administrators."""

    list_display = ("user", "admin_level", "created_at")
    list_filter = ("admin_level",)
    list_select_related = ("user",)
    search_fields = PROFILE_SEARCH
    ordering = ("-created_at",)


@admin.register(Moderator)
class ModeratorAdmin(MentaraAdmin):
    """Moderators."""

    list_display = ("user", "created_at")
    list_select_related = ("user",)
    search_fields = PROFILE_SEARCH
    ordering = ("-created_at",)
