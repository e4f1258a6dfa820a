"""Assessments in the admin."""

from django.contrib import admin

from mentara.admin.base import MentaraAdmin
from mentara.models import PreAssessment, PreAssessmentAnswer


@admin.register(PreAssessment)
class PreAssessmentAdmin(MentaraAdmin):
    """Sittings."""

    list_display = ("user", "is_processed", "completed_at", "created_at")
    list_filter = ("is_processed",)
    list_select_related = ("user__user",)
    search_fields = ("user__user__email", "user__user__first_name", "user__user__last_name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


@admin.register(PreAssessmentAnswer)
class PreAssessmentAnswerAdmin(MentaraAdmin):
    """Answers."""

    list_display = ("pre_assessment", "questionnaire", "answer_index", "value")
    list_filter = ("questionnaire",)
    list_select_related = ("pre_assessment__user__user",)
    search_fields = ("questionnaire", "pre_assessment__user__user__email")
    ordering = ("pre_assessment", "questionnaire", "answer_index")
