"""Communities and their content in the admin."""

from django.contrib import admin

from mentara.admin.base import MentaraAdmin
from mentara.models import Comment, Community, CommunityMember, Heart, Post


@admin.register(Community)
class CommunityAdmin(MentaraAdmin):
    """Communities."""

    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("name",)


@admin.register(CommunityMember)
class CommunityMemberAdmin(MentaraAdmin):
    """Memberships."""

    list_display = ("user", "community", "role", "joined_at")
    list_filter = ("role", "community")
    list_select_related = ("user", "community")
    search_fields = ("user__email", "user__first_name", "user__last_name", "community__name")
    date_hierarchy = "joined_at"
    ordering = ("-joined_at",)


@admin.register(Post)
class PostAdmin(MentaraAdmin):
    """Posts."""

    list_display = ("title", "user", "community", "created_at")
    list_filter = ("community",)
    list_select_related = ("user", "community")
    search_fields = ("title", "content", "user__email")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(Comment)
class CommentAdmin(MentaraAdmin):
    """Comments."""

    list_display = ("__str__", "user", "post", "created_at")
    list_select_related = ("user", "post")
    search_fields = ("content", "user__email", "post__title")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(Heart)
class HeartAdmin(MentaraAdmin):
    """Hearts."""

    list_display = ("user", "post", "comment", "created_at")
    list_filter = (("comment", admin.EmptyFieldListFilter),)
    list_select_related = ("user", "post", "comment")
    search_fields = ("user__email", "post__title", "comment__content")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
