"""What a row of a file comes to: new, changed, the same, doubtful or refused, with the reasons in sentences."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mediconnect.errors import DomainError, Invalid
from mediconnect.operations.models import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about a row, in English with places, and the column that it is about ("": the row as a whole).

    The page that shows it puts it into the reader's words and then fills the places with `values`.
    """

    sentence: str
    column: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def packed(self) -> list[Any]:
        """Return it as JSON."""
        return [self.sentence, self.column, dict(self.values)]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a row would change: a column, what stands there now and what would stand there."""

    column: str
    before: str
    after: str

    def packed(self) -> list[str]:
        """Return it as JSON."""
        return [self.column, self.before, self.after]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file by its number there, with its texts by column."""

    number: int
    values: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return what stands in a column; "" where the file has none."""
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a row when it was looked at.

    `plan` is what writing it takes, as JSON; `target` the record that it is about, at version `seen`; `key` what makes
    it the same as another row of its file.
    """

    number: int
    verdict: Verdict
    findings: Sequence[Finding] = ()
    differences: Sequence[Difference] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    target: uuid.UUID | None = None
    seen: int | None = None
    key: str = ""


class Unfit(Exception):
    """A row that cannot be used as it is, with everything that is wrong with it."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__()
        self.findings = findings


def findings_of(error: DomainError, columns: Mapping[str, str] | None = None) -> list[Finding]:
    """Return a service's refusal as findings; `columns` says which column a field of the service stands in."""
    if isinstance(error, Invalid) and error.extra.get("errors"):
        known = columns or {}
        return [
            Finding(sentence, known.get(name, name))
            for name, sentences in error.extra["errors"].items()
            for sentence in sentences
        ]
    return [Finding(error.detail)]
