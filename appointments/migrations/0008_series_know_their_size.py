"""Series know how many visits they have, on which days of the rule there is none, and what was moved since."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """No series was booked before these columns: the default of the first serves the statement alone."""

    dependencies = [("appointments", "0007_batches_that_are_taken_back")]

    operations = [
        migrations.AddField(
            model_name="series",
            name="size",
            field=models.PositiveSmallIntegerField(default=1, help_text="how many visits it was booked with"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="series",
            name="left_out",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="shifts",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gte", 1), ("size__lte", 120)), name="a_series_has_visits"
            ),
        ),
    ]
