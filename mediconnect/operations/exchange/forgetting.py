"""Delete the rows of files after a week, and after a year and some weeks what is known of imports at all."""

import datetime as dt
from typing import Final

from django.utils import timezone

from mediconnect.operations.models import ImportRow, ImportRun

# Long enough to correct what was refused; an upload is a copy of personal data that nobody needs for longer.
KEPT: Final = dt.timedelta(days=7)
_REMEMBERED: Final = dt.timedelta(days=400)


def forget_files() -> int:
    """Empty the imports that are a week old, whatever became of them, and return how many; counts stay.

    One that a week did not bring to its end goes too, in the state in which it is: as dropped, or as done.
    """
    now = timezone.now()
    ImportRun.objects.filter(created_at__lt=now - _REMEMBERED).delete()
    old = ImportRun.objects.filter(created_at__lt=now - KEPT, emptied_at=None)
    ids = list(old.values_list("pk", flat=True))
    ImportRow.objects.filter(run__in=ids).delete()
    emptied = ImportRun.objects.filter(pk__in=ids)
    emptied.filter(state=ImportRun.State.IMPORTING).update(state=ImportRun.State.DONE, finished_at=now)
    emptied.filter(state__in=[ImportRun.State.CHECKING, ImportRun.State.CHECKED]).update(state=ImportRun.State.DROPPED)
    return emptied.update(emptied_at=now, file_name="", header="")
