"""Why visits are cancelled, in words that can be counted."""

from django.db import models


class CancellationReason(models.TextChoices):
    """Coded reasons; the prefix says whose reason it was: the patient's, the provider's or the clinic's."""

    PATIENT_REQUEST = "patient_request", "patient: asked to cancel"
    PATIENT_FEELS_BETTER = "patient_feels_better", "patient: feels better"
    PATIENT_TRANSPORT = "patient_transport", "patient: no transport"
    PATIENT_OTHER = "patient_other", "patient: another reason"
    PROVIDER_UNAVAILABLE = "provider_unavailable", "provider: not available"
    PROVIDER_OTHER = "provider_other", "provider: another reason"
    CLINIC_CLOSED = "clinic_closed", "clinic: closed"
    CLINIC_ERROR = "clinic_error", "clinic: booked by mistake"
    CLINIC_OTHER = "clinic_other", "clinic: another reason"
