"""What every page of the admin has in common: nothing is deleted, nothing overwritten, every refusal is a sentence.

It stands with the records because all of it is about a record: its version, its history, the constraints that guard it.
So each app can use it, down to the outbox. Who may see which clinic's rows is a matter of accounts and stands there.
"""

from .forms import SeenForm
from .reading import ReadOnlyAdmin, RecordAdmin
from .rows import SeenRows
from .writing import WritingAdmin

__all__ = ["ReadOnlyAdmin", "RecordAdmin", "SeenForm", "SeenRows", "WritingAdmin"]
