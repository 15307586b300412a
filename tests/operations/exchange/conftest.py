"""A small clinic, and a file that is brought to it."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from mediconnect.accounts.models import User
from mediconnect.operations.exchange import importing, looking
from mediconnect.operations.exchange.receiving import receive
from mediconnect.operations.models import ImportRow, ImportRun
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.factories import UserFactory


@dataclass
class Bringer:
    """Somebody who runs the clinic and brings files to it."""

    place: SmallClinic
    user: User

    def bring(self, kind: str, *lines: str, content: bytes | None = None) -> ImportRun:
        """Bring a file and let its rows be looked at."""
        run = receive(
            clinic_id=self.place.clinic.pk,
            kind=kind,
            content="\n".join(lines).encode() if content is None else content,
            file_name=f"{kind}.csv",
            by_id=self.user.pk,
        )
        while looking.look_at_batch():
            pass
        run.refresh_from_db()
        return run

    def carry_out(self, run: ImportRun, *, with_doubtful: bool = False) -> ImportRun:
        """Let a file that was looked at be imported to its end."""
        importing.ask(run_id=run.pk, clinic_id=self.place.clinic.pk, with_doubtful=with_doubtful, by_id=self.user.pk)
        while importing.write_next():
            pass
        run.refresh_from_db()
        return run

    def imported(self, kind: str, *lines: str) -> ImportRun:
        """Bring a file and import what is good of it."""
        return self.carry_out(self.bring(kind, *lines))


def verdicts(run: ImportRun) -> list[str]:
    """Return what was found of each row, in order."""
    return list(run.rows.order_by("number").values_list("verdict", flat=True))


def outcomes(run: ImportRun) -> list[str]:
    """Return what became of each row, in order."""
    return list(run.rows.order_by("number").values_list("outcome", flat=True))


def told(run: ImportRun, number: int) -> dict[str, Any]:
    """Return what was said of a row."""
    found: dict[str, Any] = json.loads(ImportRow.objects.get(run=run, number=number).told)
    return found


def reasons(run: ImportRun, number: int) -> Sequence[tuple[str, str]]:
    """Return why a row was refused: column and sentence, with its places filled."""
    return [(column, text % values if values else text) for text, column, values in told(run, number)["findings"]]


def target(run: ImportRun, number: int) -> uuid.UUID:
    """Return the record that a row is about."""
    found = ImportRow.objects.get(run=run, number=number).target
    assert found is not None
    return found


@pytest.fixture
def bringer(db: None) -> Bringer:
    return Bringer(small_clinic(), UserFactory.create())
