"""Let a batch of cancellations be taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The moment at which that was asked, and the state of what came back."""

    dependencies = [("appointments", "0006_full_calendars_and_the_referee")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="undone_at",
            field=models.DateTimeField(blank=True, help_text="by a person: what was cancelled is taken back", null=True),
        ),
        migrations.AlterField(
            model_name="batchitem",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("done", "done"),
                    ("refused", "refused"),
                    ("stopped", "not done any more"),
                    ("undone", "taken back"),
                ],
                default="waiting",
                max_length=7,
            ),
        ),
    ]
