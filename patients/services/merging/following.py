"""What follows a person into the kept record: ways to be reached, rights to act, clinics that know them."""

import datetime as dt

from patients.models import ContactPoint, Dependant, Registration
from patients.rules.merging import Line, Pair
from patients.services.registration import ensure_registered

from .lines import rewrite

# The highest rank that a contact may have.
_LAST_RANK = 99


def register_where_known(pair: Pair) -> list[Line]:
    """Let every clinic that knows the other record know the kept one, and return a line for each that is new.

    The other record keeps its numbers: they stand on papers, and whoever searches by one finds the kept record.
    """
    clinics = Registration.objects.filter(patient=pair.gone_id).order_by("clinic").values_list("clinic", flat=True)
    new = [clinic for clinic in clinics if ensure_registered(patient_id=pair.kept_id, clinic_id=clinic)]
    made = Registration.objects.filter(patient=pair.kept_id, clinic__in=new).order_by("pk")
    table = Registration._meta.db_table
    return [Line(table=table, id=str(row.pk), column="id", before=None, after=str(row.pk)) for row in made]


def contacts_follow(pair: Pair) -> list[Line]:
    """Move the ways to reach the person, behind those that the kept record has, and return the lines.

    One that both have stays once: the kept record's, with messages allowed only if both allowed them; the other is
    retired.
    """
    ours = list(ContactPoint.objects.active().filter(patient=pair.kept_id))
    known = {(point.system, point.value_index): point for point in ours}
    last = {system: max(p.rank for p in ours if p.system == system) for system in {point.system for point in ours}}
    lines: list[Line] = []
    for point in ContactPoint.objects.filter(patient=pair.gone_id).order_by("system", "rank", "id"):
        row = ContactPoint.objects.filter(pk=point.pk)
        twin = known.get((point.system, point.value_index)) if point.active else None
        if twin is not None:
            lines += rewrite(row, patient_id=pair.kept_id, active=False)
            lines += rewrite(ContactPoint.objects.filter(pk=twin.pk), consent=twin.consent and point.consent)
        elif point.active:
            last[point.system] = min(last.get(point.system, 0) + 1, _LAST_RANK)
            lines += rewrite(row, patient_id=pair.kept_id, rank=last[point.system])
        else:
            lines += rewrite(row, patient_id=pair.kept_id)
    return lines


def rights_follow(pair: Pair, *, today: dt.date) -> list[Line]:
    """Move the rights to act, in both directions, and return the lines.

    One that both have stays once, for as long as the longer one; one between the two, long ended, stays where it is.
    """
    lines: list[Line] = []
    for ours, others in (("guardian_id", "patient_id"), ("patient_id", "guardian_id")):
        for right in Dependant.objects.filter(**{ours: pair.gone_id}).order_by("pk"):
            other = getattr(right, others)
            if other == pair.kept_id:
                continue
            row = Dependant.objects.filter(pk=right.pk)
            twin = Dependant.objects.filter(**{ours: pair.kept_id, others: other}).first()
            if twin is None:
                lines += rewrite(row, **{ours: pair.kept_id})
                continue
            lines += rewrite(Dependant.objects.filter(pk=twin.pk), ends_on=_later(twin.ends_on, right.ends_on))
            if right.ends_on is None or right.ends_on >= today:
                lines += rewrite(row, ends_on=today - dt.timedelta(days=1))
    return lines


def _later(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return None if one is None or other is None else max(one, other)
