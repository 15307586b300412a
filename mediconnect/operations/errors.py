"""What operations refuse, in sentences."""

from mediconnect.errors import DomainError


class CheckedJustNow(DomainError):
    """The last self-check is minutes old: another one would say the same and cost as much."""

    code, status, title = "checked-just-now", 409, "Checked a moment ago"
    sentence = "The last check is only a few minutes old. Look at what it found, or check again in a while."


class UnreadableFile(DomainError):
    """A file that cannot be read as a table. The sentence names the row and the kind of fault, never what stands there.

    `values` fill the sentence's places once it is in the reader's words.
    """

    code, status, title = "unreadable-file", 422, "This file cannot be read"
    sentence = "Save it as CSV or as an Excel workbook (.xlsx) and upload it again."

    def __init__(self, detail: str = "", **values: str | int) -> None:
        super().__init__(detail)
        self.values = {name: str(value) for name, value in values.items()}


class ImportNotReady(DomainError):
    """The import is not where this step starts from: still being looked at, already carried out, or its rows are deleted."""

    code, status, title = "import-not-ready", 409, "This import has gone on"
    sentence = "Look at where the import stands now; this step is not open any more, or not yet."


class NothingToImport(DomainError):
    """None of the rows would change anything."""

    code, status, title = "nothing-to-import", 409, "There is nothing to import"
    sentence = "No row of this file would add or change anything."
