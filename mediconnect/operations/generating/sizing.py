"""How much of what, and which cell of the calendar each visit falls into: pure, the same for the same size."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SLOTS: Final = 16  # half hours of a working day
SLOT_MINUTES: Final = 30
FILL: Final = 0.6  # of the slots: a busy clinic that still has times to give
PROVIDERS_PER_CLINIC: Final = 50
LONGEST_WORKDAYS: Final = 1_300  # five years
# Visits to come reach this far (days): inside every clinic's horizon, with days beyond it free.
DAYS_AHEAD: Final = 150


class TooDense(ValueError):
    """A size that cannot be had; its message is a sentence."""


@dataclass(frozen=True, slots=True)
class Share:
    """What falls to one clinic."""

    providers: int
    patients: int
    appointments: int


@dataclass(frozen=True, slots=True)
class Size:
    """How much is wanted. `clinics` of None is one for each fifty providers."""

    providers: int
    patients: int
    appointments: int
    clinics: int | None = None

    def check(self) -> None:
        """Raise `TooDense` where visits would have to overlap, or to lie further back than five years."""
        if (
            min(self.providers, self.patients) < 1
            or self.appointments < 0
            or (self.clinics is not None and self.clinics < 1)
        ):
            raise TooDense("There must be at least one provider, one patient and one clinic.")
        if self.patients < self.providers:
            raise TooDense("There must be at least as many patients as providers, since all may be busy at once.")
        if self.workdays > LONGEST_WORKDAYS:
            least = math.ceil(self.appointments / (SLOTS * FILL * LONGEST_WORKDAYS))
            raise TooDense(f"So many visits need at least {least} providers.")

    @property
    def workdays(self) -> int:
        """How many working days the visits fill."""
        return math.ceil(self.appointments / (self.providers * SLOTS * FILL))

    def shares(self) -> list[Share]:
        """Return what falls to each clinic, as evenly as whole numbers allow; the sums are exact."""
        clinics = min(self.clinics or math.ceil(self.providers / PROVIDERS_PER_CLINIC), self.providers)
        borders = [clinic * self.providers // clinics for clinic in range(clinics + 1)]
        return [
            Share(
                high - low,
                self.patients * high // self.providers - self.patients * low // self.providers,
                self.appointments * high // self.providers - self.appointments * low // self.providers,
            )
            for low, high in itertools.pairwise(borders)
        ]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one visit of a clinic falls: indexes of the day, the half hour, the provider and the patient."""

    day: int
    slot: int
    provider: int
    patient: int


def cells(share: Share, workdays: int) -> Iterator[Cell]:
    """Yield a cell for each visit of a clinic, spread evenly over the days, with no two in one place.

    Within a slot, providers follow one another and so do patients; as there are no fewer patients than providers, nobody
    comes twice in a slot.
    """
    per_day = SLOTS * share.providers
    total = workdays * per_day
    for number in range(share.appointments):
        day, rest = divmod(number * total // share.appointments, per_day)
        slot, provider = divmod(rest, share.providers)
        yield Cell(day, slot, provider, number % share.patients)
