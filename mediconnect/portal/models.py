"""What the portal itself remembers."""

from django.db import models

from providers.models import Clinic


class KeptSheet(models.Model):
    """When a clinic's day sheets were last written as files, so that any page can say so, wherever the files lie."""

    clinic = models.OneToOneField(Clinic, models.CASCADE, primary_key=True, related_name="+")
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"kept at {self.kept_at}"
