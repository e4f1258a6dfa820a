"""Invoices and payments in the admin."""

from django.contrib import admin

from mentara.admin.base import MentaraAdmin
from mentara.models import Invoice, Payment


@admin.register(Invoice)
class InvoiceAdmin(MentaraAdmin):
    """Invoices."""

    list_display = ("number", "client", "status", "total", "currency", "issued_at", "due_date")
    list_filter = ("status", "currency")
    list_select_related = ("client__user",)
    search_fields = ("number", "client__user__email")
    date_hierarchy = "issued_at"
    ordering = ("-issued_at",)


@admin.register(Payment)
class PaymentAdmin(MentaraAdmin):
    """Payments."""

    list_display = ("client", "therapist", "amount", "currency", "status", "created_at")
    list_filter = ("status", "currency")
    list_select_related = ("client__user", "therapist__user")
    search_fields = ("client__user__email", "therapist__user__email", "invoice__number")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
