"""Self-report questionnaires that clients fill in."""

from django.db import models

from mentara.models.base import IdentifiedModel, TimestampedModel
from mentara.models.users import Client


class PreAssessment(IdentifiedModel, TimestampedModel):
    """One sitting of a client, with a score and a severity for each questionnaire taken."""

    user = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="pre_assessments")
    scores = models.JSONField(default=dict, blank=True)
    severity_levels = models.JSONField(default=dict, blank=True)
    is_processed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "completed_at"], name="assessment_user_completed_idx")]

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%Y-%m-%d}"


class PreAssessmentAnswer(IdentifiedModel):
    """The answer to one item of one questionnaire, as the client gave it."""

    pre_assessment = models.ForeignKey(PreAssessment, on_delete=models.CASCADE, related_name="answers")
    questionnaire = models.CharField(max_length=64)
    answer_index = models.PositiveIntegerField(help_text="The item, counted from 0.")
    value = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pre_assessment", "questionnaire", "answer_index"], name="answer_item_key"),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire} {self.answer_index}: {self.value}"
