"""Communities, who belongs to them, and what is said there."""

from django.db import models
from django.utils import timezone

from mentara.models.base import CreatedModel, IdentifiedModel, TimestampedModel
from mentara.models.users import User


class Community(IdentifiedModel, TimestampedModel):
    """A place to talk about one subject."""

    name = models.CharField(max_length=255, unique=True)
    slug = models.SlugField(max_length=255, unique=True)
    description = models.TextField()
    image_url = models.CharField(max_length=500)

    class Meta:
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name


class CommunityMember(IdentifiedModel):
    """A user's place in a community."""

    class Role(models.TextChoices):
        """What the user may do there."""

        MEMBER = "MEMBER"
        MODERATOR = "MODERATOR"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="community_memberships")
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "community"], name="member_user_community_key"),
        ]
        indexes = [models.Index(fields=["community", "joined_at"], name="member_community_joined_idx")]

    def __str__(self) -> str:
        return f"{self.user} in {self.community}"


class Post(IdentifiedModel, TimestampedModel):
    """What somebody starts to talk about."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="posts")
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="posts")
    title = models.CharField(max_length=255)
    content = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["community", "created_at"], name="post_community_created_idx"),
            models.Index(fields=["user", "created_at"], name="post_user_created_idx"),
        ]

    def __str__(self) -> str:
        return self.title


class Comment(IdentifiedModel, TimestampedModel):
    """An answer to a post, or to another comment on it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies")
    content = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["post", "created_at"], name="comment_post_created_idx")]

    def __str__(self) -> str:
        return self.content[:60]


class Heart(IdentifiedModel, CreatedModel):
    """A sign of sympathy for one post or one comment."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="hearts")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="hearts")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="hearts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "post"], name="heart_user_post_key"),
            models.UniqueConstraint(fields=["user", "comment"], name="heart_user_comment_key"),
            models.CheckConstraint(
                condition=models.Q(post__isnull=False, comment__isnull=True)
                | models.Q(post__isnull=True, comment__isnull=False),
                name="heart_one_target_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ♥ {self.post or self.comment}"
