"""Invoices and payments: mirrored, and not in use yet."""

from django.db import models

from mentara.models.base import IdentifiedModel, TimestampedModel
from mentara.models.therapy import Meeting
from mentara.models.users import Client, Therapist


class Invoice(IdentifiedModel, TimestampedModel):
    """What a client owes."""

    class Status(models.TextChoices):
        """Whether it has been sent and settled."""

        DRAFT = "DRAFT"
        OPEN = "OPEN"
        PAID = "PAID"
        VOID = "VOID"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="invoices")
    number = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    total = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField()
    due_date = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "due_date"], name="invoice_status_due_idx")]

    def __str__(self) -> str:
        return self.number


class Payment(IdentifiedModel, TimestampedModel):
    """Money that a client gave for a therapist's work."""

    class Status(models.TextChoices):
        """What has become of the money."""

        PENDING = "PENDING"
        COMPLETED = "COMPLETED"
        FAILED = "FAILED"
        REFUNDED = "REFUNDED"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="payments")
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="payments")
    meeting = models.ForeignKey(Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments")
    invoice = models.ForeignKey(Invoice, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments")
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "created_at"], name="payment_status_created_idx")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
