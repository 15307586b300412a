"""One thing that is wrong with a text, and what a clinic's own names are that it must not say."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ClinicWords:
    """The names that a clinic gave to its types of visit, and the specialties of its providers."""

    types: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, as a code and as a sentence that says what to do; `where` is "subject" or "body".

    `excerpt` is the part of the text that is meant, where there is one. Words with an error are not saved.
    """

    code: str
    sentence: str
    where: str
    excerpt: str = ""
    severity: Literal["error", "warning"] = "error"

    @property
    def is_error(self) -> bool:
        """Return whether the words cannot be used like this."""
        return self.severity == "error"


def error(code: str, sentence: str, where: str, excerpt: str = "") -> Finding:
    """Return what makes words unusable."""
    return Finding(code, sentence, where, excerpt)


def warning(code: str, sentence: str, where: str, excerpt: str = "") -> Finding:
    """Return what could be better."""
    return Finding(code, sentence, where, excerpt, severity="warning")
