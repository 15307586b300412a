"""An import from beginning to end."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TypeVar, cast

from django.db import Error, transaction
from django.db.models import Q
from django.utils import timezone

from mediconnect.resilience.transactions import constraint
from providers.models import Clinic

from .directory import Directory
from .hours import Pair, give_hours
from .parsing import Ignored, Unusable, parse
from .persons import write_patient
from .places import write_place, write_provider, write_role
from .reading import files_of, read
from .reporting import Fate, Report
from .sources import PatientSource, PlaceSource, ProviderSource, RoleSource, Source

S = TypeVar("S", bound=Source)


class UnknownClinic(Exception):
    """The clinic that patients were to be registered at is not there; its message is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How to import: which clinic gets the patients, which zone clinics get, hours for idle providers, only trying."""

    clinic: str = ""
    zone: str | None = None
    hours: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class _Run:
    wishes: Wishes
    report: Report
    directory: Directory = field(default_factory=Directory)
    sources: dict[type[Source], list[Source]] = field(default_factory=lambda: defaultdict(list))
    pairs: list[Pair] = field(default_factory=list)


def import_files(paths: list[str], wishes: Wishes, *, say: Callable[[str], object] = len) -> Report:
    """Write what the files hold and is not known yet; return what became of each thing.

    A thing is known by its source's identifier, and what is known stays as it is: the house's own edits are newer than
    any file. Each thing is a transaction of its own, so a bad one stops no other; with `dry_run` all of them are inside
    one that is taken back. Raises `UnreadablePath` before anything is written, and `UnknownClinic` before any patient is.
    """
    run = _Run(wishes, Report(say))
    files = files_of(paths)
    for origin, resource in read(files, run.report):
        try:
            source = parse(origin, resource)
        except Unusable as error:
            run.report.bad(resource["resourceType"], origin, str(error))
        except Ignored as kind:
            run.report.count(str(kind), Fate.IGNORED)
        else:
            run.sources[type(source)].append(source)
    with transaction.atomic() if wishes.dry_run else nullcontext():
        _write(run)
        if wishes.dry_run:
            transaction.set_rollback(True)
    return run.report


def _write(run: _Run) -> None:
    # Organisations first: a location may say that it is one's.
    places = sorted(_of(run, PlaceSource), key=lambda place: place.kind != "Organization")
    _each(run, places, lambda one: write_place(one, directory=run.directory, zone=run.wishes.zone, report=run.report))
    _each(run, _of(run, ProviderSource), lambda one: write_provider(one, directory=run.directory, report=run.report))
    _each(run, _of(run, RoleSource), lambda one: _write_role(run, one))
    _write_patients(run, places)
    if run.wishes.hours:
        run.report.say("Opening calendars")
        run.report.hours = give_hours(run.pairs)


def _of(run: _Run, kind: type[S]) -> list[S]:
    return cast("list[S]", run.sources[kind])


def _each(run: _Run, sources: list[S], write: Callable[[S], object]) -> None:
    for source in sources:
        try:
            write(source)
        except Error as error:
            # The database's own message repeats values; the name of what refused does not.
            reason = constraint(error) or type(error).__name__
            run.report.bad(
                type(source).__name__.removesuffix("Source"), source.origin, f"the database refuses it: {reason}"
            )


def _write_role(run: _Run, source: RoleSource) -> None:
    pair = write_role(source, directory=run.directory, report=run.report)
    if pair is not None and source.active:
        run.pairs.append(pair)


def _write_patients(run: _Run, places: list[PlaceSource]) -> None:
    patients = _of(run, PatientSource)
    if not patients:
        return
    named = _named_clinic(run.wishes.clinic) if run.wishes.clinic else None
    usual = named or _usual_clinic(run, places)
    today = timezone.now().date()

    def write(source: PatientSource) -> None:
        managing = None if named else run.directory.clinic(source.organization)
        write_patient(source, clinic_id=managing or usual, today=today, report=run.report)

    _each(run, patients, write)


def _named_clinic(name: str) -> uuid.UUID:
    clinic = Clinic.objects.filter(Q(name__iexact=name) | Q(source_identifier=name)).first()
    if clinic is None:
        raise UnknownClinic(f"There is no clinic “{name}”, neither here nor in the files.")
    return clinic.pk


def _usual_clinic(run: _Run, places: list[PlaceSource]) -> uuid.UUID | None:
    """Return where patients go whose file names no clinic: the files' first clinic, or the only one there is."""
    for place in places:
        found = run.directory.clinic([place.identifier])
        if found is not None and place.active:
            return found
    only = Clinic.objects.values_list("pk", flat=True)[:2]
    return only[0] if len(only) == 1 else None
