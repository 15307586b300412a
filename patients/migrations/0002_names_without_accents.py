"""Compare names without their accents, and number new records from one sequence."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

FOLDED = r"regexp_replace(normalize(lower(%(expressions)s), NFKD), '[\u0300-\u036f]', '', 'g')"


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_for_whom")]

    operations = [
        # A generated column cannot change its expression in place; its index goes and comes with it.
        migrations.RemoveIndex(model_name="patient", name="patients_by_part_of_a_name"),
        migrations.RemoveField(model_name="patient", name="search_name"),
        migrations.AddField(
            model_name="patient",
            name="search_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    django.db.models.functions.text.Concat(
                        models.F("family_name"),
                        models.Value(" "),
                        models.F("given_name"),
                        models.Value(" "),
                        models.F("family_name"),
                    ),
                    template=FOLDED,
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("search_name"), name="gin_trgm_ops"),
                fastupdate=False,
                name="patients_by_part_of_a_name",
            ),
        ),
        migrations.RemoveIndex(model_name="registration", name="patients_by_part_of_a_number"),
        migrations.AddIndex(
            model_name="registration",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("record_number"), name="gin_trgm_ops"
                ),
                fastupdate=False,
                name="patients_by_part_of_a_number",
            ),
        ),
        migrations.AlterField(
            model_name="dependant",
            name="ends_on",
            field=models.DateField(blank=True, help_text="the last day on which it holds", null=True),
        ),
        # A sequence hands out a number without making two desks wait for each other; gaps are allowed.
        migrations.RunSQL(
            sql="CREATE SEQUENCE patients_record_number",
            reverse_sql="DROP SEQUENCE patients_record_number",
        ),
    ]
