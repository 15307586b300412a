"""Index the queue by what a worker asks: the row of my cluster that has waited longest."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """django-q2 ships its table without such an index, and it cannot be declared from outside its app."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("outbox", "0001_facts_and_deliveries"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            sql="CREATE INDEX the_queue_in_order ON django_q_ormq (key, lock, id)",
            reverse_sql="DROP INDEX the_queue_in_order",
        ),
    ]
