"""A promise about the data, and the statement that finds what breaks it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


class Severity(enum.StrEnum):
    """An error means that a promise to somebody is broken; a warning, that something will not mend itself."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is a sentence with underscores; `sql` returns one column, the text that names each offender.

    The statement takes no parameters and returns nothing while the promise holds. It names things by identifier alone:
    what it returns is printed, logged and mailed.
    """

    name: str
    sql: str
    severity: Severity = Severity.ERROR

    @property
    def sentence(self) -> str:
        """The name as people read it."""
        return self.name.replace("_", " ").capitalize()


def listed(values: Iterable[str]) -> str:
    """Return constants of the code as a list for SQL; never for a value that anybody typed."""
    return ", ".join(f"'{value}'" for value in values)


# How long something may rest before it counts as forgotten: ten turns of the sweeps that look each minute.
PATIENCE: Final = "interval '10 minutes'"
