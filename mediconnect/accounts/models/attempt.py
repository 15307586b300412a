"""How often somebody tried to sign in: counted in the database, so that a lost cache forgives nobody."""

from django.db import models


class SignInAttempts(models.Model):
    """The tries against one account, or one account from one address. The name itself is only hashed."""

    key_hash = models.CharField(primary_key=True, max_length=64, editable=False)
    window_at = models.DateTimeField(help_text="Start of the minute being counted.")
    in_window = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since the last success.")
    wait_until = models.DateTimeField(help_text="No try is looked at before this.")
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "sign-in attempts"

    def __str__(self) -> str:
        """Return the count; whom it concerns is not readable here."""
        return f"{self.failures} failures in a row"
