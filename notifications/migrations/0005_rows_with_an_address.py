from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_while_nobody_knows"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("recipient_index", ""), _negated=True),
                fields=["id"],
                name="messages_with_an_address",
            ),
        ),
    ]
