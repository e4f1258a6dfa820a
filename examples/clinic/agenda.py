"""One page: the sessions that lie ahead of whoever is logged in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone

from mentara.models import Meeting


@login_required
def agenda(request: HttpRequest) -> JsonResponse:
    """The titles of the sessions ahead, the next one first; those that were cancelled are left out."""
    mine = Q(client__user=request.user) | Q(therapist__user=request.user)
    ahead = Meeting.objects.filter(mine, start_time__gt=timezone.now()).exclude(status=Meeting.Status.CANCELLED)
    return JsonResponse({"sessions": list(ahead.order_by("start_time", "pk").values_list("title", flat=True))})


urlpatterns = [path("agenda/", agenda)]
