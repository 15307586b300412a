"""Two records of one person made one, with everything that hangs on them, and two again."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment, FreedTime, Hold, Series, WaitlistEntry
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from mediconnect.accounts.models import Invitation, Session, User
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from mediconnect.operations.verifying import broken
from notifications.models import Message, Reply
from notifications.services.writing import tell
from patients.errors import (
    BirthDatesDiffer,
    ChangedMeanwhile,
    MergeConflict,
    Merged,
    MergeFinal,
    MergeIsOver,
    MergeNotLast,
)
from patients.models import ContactPoint, Dependant, Merge, Patient, Registration
from patients.rules.merging import MergeChoices
from patients.services.contacts import ContactChange, NewContact, add_contact_point, change_contact_point
from patients.services.dependants import record_dependant
from patients.services.merging.looking import preview_merge
from patients.services.merging.merging import merge_patients
from patients.services.merging.undoing import look_at_undo, undo_merge
from providers.models import AppointmentType, Clinic, Membership, PractitionerRole, Role
from tests.appointments.conftest import SmallClinic, open_always, small_clinic
from tests.concurrency.clinics import second_provider

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def place(db: None) -> SmallClinic:
    """The small clinic with its three patients."""
    return small_clinic()


def merged(place: SmallClinic, kept: int = 0, gone: int = 1, **words: Any) -> Merge:
    """Let the desk merge two of the clinic's patients."""
    one = Patient.objects.get(pk=place.patients[kept].pk)
    asked: dict[str, Any] = {"choices": MergeChoices(sides={}), "within": {place.clinic.pk}, "today": TODAY}
    asked["version"] = one.version
    return merge_patients(kept_id=one.pk, gone_id=place.patients[gone].pk, by_id=place.desk.pk, **(asked | words))


def undone(place: SmallClinic, merge: Merge) -> Any:
    """Let the desk undo it."""
    return undo_merge(merge_id=merge.pk, by_id=place.desk.pk, within={place.clinic.pk})


def booked(place: SmallClinic, hour: int, patient: int = 0, **changes: Any) -> Appointment:
    """Let the desk book."""
    return book_appointment(place.booking(place.at(hour), patient=patient, **changes), caller=place.staff)[0]


def again(row: Any) -> Any:
    """Return the row as it is now."""
    return type(row).objects.get(pk=row.pk)


def wish(place: SmallClinic, patient: int, *, days_ago: int = 1, **changes: Any) -> WaitlistEntry:
    """Let somebody wait."""
    words = {
        "clinic": place.clinic,
        "patient": place.patients[patient],
        "appointment_type": place.kind,
        "from_date": TODAY,
        "until_date": TODAY + dt.timedelta(days=30),
        "joined_at": timezone.now() - dt.timedelta(days=days_ago),
    }
    made: WaitlistEntry = WaitlistEntry.objects.create(**(words | changes))
    return made


def test_everything_that_hangs_on_the_one_hangs_on_the_other(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    done, ahead = booked(place, 9, 1), booked(place, 11, 1)
    cancel_appointment(
        appointment_id=done.pk, reason="clinic_error", expected=Expected(1, by_header=False), caller=place.staff
    )
    waits = wish(place, 1)
    hold = Hold.objects.create(
        clinic=place.clinic, provider=place.provider, appointment_type=place.kind, patient=gone, held_by=place.desk,
        starts_at=place.at(15), ends_at=place.at(16), expires_at=place.at(14),
    )  # fmt: skip
    series = Series.objects.create(
        clinic=place.clinic, patient=gone, provider=place.provider, appointment_type=place.kind,
        size=4, rrule="FREQ=WEEKLY;COUNT=4", starts_on=TODAY, start_time=dt.time(9),
    )  # fmt: skip
    message = tell(visit=ahead, kind=Message.Kind.BOOKED, version=1)
    reply = Reply.objects.create(provider_id="SM1", patient=gone, meaning="confirm", state="acted", message=message)
    merge = merged(place)
    for row in (done, ahead, waits, hold, series, message, reply):
        assert again(row).patient_id == kept.pk, row
    assert set(FreedTime.objects.values_list("patient", flat=True)) == {kept.pk}
    gone.refresh_from_db()
    assert (gone.active, gone.merged_into_id, gone.user_id) == (False, kept.pk, None)
    assert broken() == []
    assert undone(place, merge).stays == {}
    for row in (done, ahead, waits, hold, series, message, reply):
        assert again(row).patient_id == gone.pk, row
    gone.refresh_from_db()
    assert (gone.active, gone.merged_into_id, gone.user_id) == (True, None, place.users[1].pk)
    assert broken() == []


def test_what_is_written_once_is_chosen_and_notes_are_joined(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    Patient.objects.filter(pk=kept.pk).update(notes="", timezone="", birth_date=None, language="en")
    kept.refresh_from_db()
    kept.notes = "Prefers mornings."
    kept.save()
    gone.notes, gone.birth_date, gone.language = "Needs a ramp.", dt.date(1990, 5, 17), "es"
    gone.save()
    merge = merged(place, choices=MergeChoices(sides={"family_name": "gone"}))
    now = again(kept)
    assert (now.family_name, now.birth_date, now.language) == ("Moreau 1", dt.date(1990, 5, 17), "en")
    assert now.notes == "Prefers mornings.\n\nNeeds a ramp."
    assert not any(word in str(merge.moved) for word in ("Moreau", "ramp", "1990"))
    undone(place, merge)
    now = again(kept)
    assert (now.family_name, now.birth_date, now.notes) == ("Moreau 0", None, "Prefers mornings.")


def test_what_somebody_wrote_anew_stays_and_is_told(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    gone.notes = "Needs a ramp."
    gone.save()
    visit = booked(place, 9, 1)
    merge = merged(place, choices=MergeChoices(sides={"family_name": "gone"}))
    now = again(kept)
    now.family_name = "Moreau-Diaz"
    now.save()
    Appointment.objects.filter(pk=visit.pk).update(status="confirmed")
    preview = look_at_undo(merge_id=merge.pk, within={place.clinic.pk})
    assert (preview.back, preview.stays) == ({"visits": 1}, {})
    assert (preview.fields, preview.written) == (["notes"], ["family_name"])
    undone(place, merge)
    now = again(kept)
    assert (now.family_name, now.notes) == ("Moreau-Diaz", "")
    assert (again(visit).patient_id, again(visit).status) == (gone.pk, "confirmed")


def test_what_came_since_stays_with_the_record_it_came_to(place: SmallClinic) -> None:
    old = booked(place, 9, 1)
    merge = merged(place)
    new = booked(place, 11, 0)
    undone(place, merge)
    assert again(old).patient_id == place.patients[1].pk
    assert again(new).patient_id == place.patients[0].pk


def test_contacts_follow_once_with_the_stricter_consent(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    ours = add_contact_point(patient_id=kept.pk, contact=NewContact(system="phone", value="+12025550111"), country=None)
    twin = add_contact_point(
        patient_id=gone.pk, contact=NewContact(system="phone", value="+12025550111", consent=False), country=None
    )
    other = add_contact_point(
        patient_id=gone.pk, contact=NewContact(system="phone", value="+12025550122"), country=None
    )
    preview = preview_merge(kept_id=kept.pk, gone_id=gone.pk, within={place.clinic.pk}, today=TODAY)
    assert [(one.code, one.blocks) for one in preview.conflicts] == [("contact-twice", False)]
    merge = merged(place)
    assert (again(ours).consent, again(ours).rank) == (False, 1)
    assert (again(twin).active, again(twin).patient_id) == (False, kept.pk)
    assert (again(other).patient_id, again(other).rank, again(other).consent) == (kept.pk, 2, True)
    undone(place, merge)
    assert again(ours).consent is True
    assert (again(twin).active, again(twin).patient_id, again(other).rank) == (True, gone.pk, 1)
    assert again(other).patient_id == gone.pk


def test_a_contact_that_was_changed_since_stays(place: SmallClinic) -> None:
    gone = place.patients[1]
    point = add_contact_point(patient_id=gone.pk, contact=NewContact(system="email", value="a@b.example"), country=None)
    other = ContactPoint.objects.create(patient=gone, system="email", value="x", value_index="y", rank=2, active=False)
    merge = merged(place)
    point.refresh_from_db()
    change_contact_point(
        patient_id=place.patients[0].pk, contact_point_id=point.pk, version=point.version, change=ContactChange(rank=7)
    )
    assert look_at_undo(merge_id=merge.pk, within=None).stays == {"contacts": 1}
    assert undone(place, merge).stays == {"contacts": 1}
    assert again(point).patient_id == place.patients[0].pk
    assert again(other).patient_id == gone.pk


def test_rights_follow_in_both_directions_and_stand_once(place: SmallClinic) -> None:
    kept, gone, child = place.patients
    words: dict[str, Any] = {"relationship": "parent", "today": TODAY}
    soon = TODAY + dt.timedelta(days=5)
    ours = record_dependant(guardian_id=kept.pk, patient_id=child.pk, ends_on=soon, **words)
    theirs = record_dependant(guardian_id=gone.pk, patient_id=child.pk, **words)
    reverse = record_dependant(guardian_id=child.pk, patient_id=gone.pk, **words)
    merge = merged(place)
    assert again(ours).ends_on is None
    assert again(theirs).ends_on == TODAY - dt.timedelta(days=1)
    assert again(reverse).patient_id == kept.pk
    undone(place, merge)
    assert (again(ours).ends_on, again(theirs).ends_on, again(reverse).patient_id) == (soon, None, gone.pk)


def test_one_who_acts_for_the_other_is_somebody_else(place: SmallClinic) -> None:
    kept, gone, _child = place.patients
    right = record_dependant(guardian_id=gone.pk, patient_id=kept.pk, relationship="parent", today=TODAY)
    with pytest.raises(MergeConflict) as refused:
        merged(place)
    assert [one["code"] for one in refused.value.extra["conflicts"]] == ["acts-for-the-other"]
    Dependant.objects.filter(pk=right.pk).update(ends_on=TODAY - dt.timedelta(days=1))
    merged(place)
    assert again(right).guardian_id == gone.pk


def test_visits_that_overlap_keep_two_records_apart(place: SmallClinic) -> None:
    ours, theirs = booked(place, 9), _with_another(place, 9)
    with pytest.raises(MergeConflict) as refused:
        merged(place)
    assert refused.value.extra["conflicts"] == [
        {"code": "visits-overlap", "ids": [str(ours.pk), str(theirs.pk)], "blocks": True}
    ]
    cancel_appointment(
        appointment_id=ours.pk, reason="clinic_error", expected=Expected(1, by_header=False), caller=place.staff
    )
    merged(place)
    assert again(theirs).patient_id == place.patients[0].pk


def _with_another(place: SmallClinic, hour: int) -> Appointment:
    return booked(place, hour, 1, provider_id=second_provider(place).pk)


def test_of_two_wishes_the_older_stays(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    younger, older = wish(place, 0), wish(place, 1, days_ago=3)
    preview = preview_merge(kept_id=kept.pk, gone_id=gone.pk, within={place.clinic.pk}, today=TODAY)
    assert [(one.code, one.blocks, one.ids) for one in preview.conflicts] == [
        ("wish-twice", False, (older.pk, younger.pk))
    ]
    merge = merged(place)
    assert (again(younger).state, again(older).state, again(older).patient_id) == ("withdrawn", "waiting", kept.pk)
    undone(place, merge)
    assert (again(younger).state, again(younger).closed_at, again(older).patient_id) == ("waiting", None, gone.pk)


def test_a_wish_that_has_no_place_any_more_stays_withdrawn(place: SmallClinic) -> None:
    older, younger = wish(place, 0, days_ago=3), wish(place, 1)
    merge = merged(place)
    assert again(younger).state == "withdrawn"
    fresh = wish(place, 1)  # what only raw writing could bring about: the record is out of use
    assert undone(place, merge).stays == {"wishes": 1}
    assert [again(one).state for one in (older, younger, fresh)] == ["waiting", "withdrawn", "waiting"]


def test_a_wish_with_an_offer_stays_though_it_is_younger(place: SmallClinic) -> None:
    older, younger = wish(place, 0, days_ago=3), wish(place, 1, state="offered")
    merged(place)
    assert (again(older).state, again(younger).state) == ("withdrawn", "offered")
    assert again(younger).joined_at == older.joined_at


def test_two_offers_are_answered_first(place: SmallClinic) -> None:
    wish(place, 0, state="offered"), wish(place, 1, state="offered")
    with pytest.raises(MergeConflict) as refused:
        merged(place)
    assert [one["code"] for one in refused.value.extra["conflicts"]] == ["offers-twice"]


def test_a_clinic_that_knew_the_one_knows_the_other_until_it_is_undone(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    other = small_clinic(patients=0)
    PractitionerRole.objects.create(provider=place.provider, clinic=other.clinic)
    open_always(place.provider, other.clinic)
    visit = book_appointment(
        place.booking(place.at(9), patient=1, appointment_type_id=other.kind.pk, provider_id=other.provider.pk),
        caller=other.staff,
    )[0]
    number = Registration.objects.get(patient=gone, clinic=other.clinic)
    merge = merged(place)
    assert again(visit).patient_id == kept.pk
    assert again(number).patient_id == gone.pk
    assert Registration.objects.filter(patient=kept, clinic=other.clinic).exists()
    undone(place, merge)
    assert again(visit).patient_id == gone.pk
    assert not Registration.objects.filter(patient=kept, clinic=other.clinic).exists()


def test_other_clinics_are_not_counted_and_say_only_that_somebody_is_busy(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    other = small_clinic(patients=0)
    for number, provider in ((0, other.provider), (1, second_provider(other))):
        asked = place.booking(place.at(9), patient=number, appointment_type_id=other.kind.pk, provider_id=provider.pk)
        book_appointment(asked, caller=other.staff)
    preview = preview_merge(kept_id=kept.pk, gone_id=gone.pk, within={place.clinic.pk}, today=TODAY)
    assert preview.counts["visits"] == 0
    assert [(one.code, one.ids) for one in preview.conflicts] == [("visits-overlap", ())]
    assert not preview.possible


def test_two_birth_dates_are_one_only_when_the_right_one_is_typed(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    right, wrong = dt.date(1990, 5, 17), dt.date(1990, 5, 7)
    Patient.objects.filter(pk=kept.pk).update(birth_date=wrong)
    Patient.objects.filter(pk=gone.pk).update(birth_date=right)
    with pytest.raises(BirthDatesDiffer):
        merged(place)
    with pytest.raises(BirthDatesDiffer):
        merged(place, choices=MergeChoices(sides={"birth_date": "gone"}, confirm_birth_date=wrong))
    merged(place, choices=MergeChoices(sides={"birth_date": "gone"}, confirm_birth_date=right))
    assert again(kept).birth_date == right


@pytest.mark.parametrize("account", ["kept", "gone"])
def test_one_account_signs_in_and_the_other_ends(place: SmallClinic, account: Any) -> None:
    kept, gone = place.patients[:2]
    stays, ends = (0, 1) if account == "kept" else (1, 0)
    now = timezone.now()
    Session.objects.create(
        key_hash="a" * 64, user=place.users[ends], created_at=now, last_seen_at=now,
        idle_at=now + dt.timedelta(minutes=9), expires_at=now + dt.timedelta(hours=1),
    )  # fmt: skip
    merge = merged(place, choices=MergeChoices(sides={}, account=account))
    assert again(kept).user_id == place.users[stays].pk
    assert again(place.users[ends]).is_active is False
    assert not Session.objects.live(timezone.now()).exists()
    undone(place, merge)
    assert (again(kept).user_id, again(gone).user_id) == (place.users[0].pk, place.users[1].pk)
    assert set(User.objects.filter(pk__in=[u.pk for u in place.users]).values_list("is_active", flat=True)) == {True}


def test_the_only_account_follows_and_a_colleague_s_goes_on_working(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    Patient.objects.filter(pk=kept.pk).update(user=None)
    merge = merged(place)
    assert again(kept).user_id == place.users[1].pk
    undone(place, merge)
    assert (again(kept).user_id, again(gone).user_id) == (None, place.users[1].pk)
    Patient.objects.filter(pk=kept.pk).update(user=place.users[0])
    Membership.objects.create(user=place.users[1], clinic=place.clinic, role=Role.PROVIDER)
    merged(place)
    assert again(place.users[1]).is_active is True
    assert again(gone).user_id is None


def test_an_open_invitation_ends(place: SmallClinic) -> None:
    gone = place.patients[1]
    open_one = Invitation.objects.create(subject_id=gone.pk, expires_at=timezone.now() + dt.timedelta(days=9))
    merged(place)
    assert again(open_one).revoked_at is not None


def test_chains_end_in_one_step_and_are_undone_last_first(place: SmallClinic) -> None:
    one, two, three = place.patients
    visit = booked(place, 9, 0)
    first = merged(place, kept=1, gone=0)
    second = merged(place, kept=2, gone=1)
    assert (again(one).merged_into_id, again(two).merged_into_id) == (three.pk, three.pk)
    assert again(visit).patient_id == three.pk
    with pytest.raises(MergeNotLast):
        undone(place, first)
    undone(place, second)
    assert (again(one).merged_into_id, again(visit).patient_id) == (two.pk, two.pk)
    undone(place, first)
    assert (again(one).merged_into_id, again(visit).patient_id) == (None, one.pk)


def test_after_thirty_days_it_is_final(place: SmallClinic) -> None:
    merge = merged(place)
    Merge.objects.filter(pk=merge.pk).update(created_at=timezone.now() - dt.timedelta(days=30, minutes=1))
    with pytest.raises(MergeFinal):
        undone(place, merge)


def test_it_is_undone_once(place: SmallClinic) -> None:
    merge = merged(place)
    undone(place, merge)
    with pytest.raises(MergeIsOver):
        undone(place, merge)


def test_who_may_not_see_both_learns_nothing(place: SmallClinic) -> None:
    elsewhere = small_clinic(patients=1)
    for within in ({elsewhere.clinic.pk}, set()):
        with pytest.raises(NotFound):
            merged(place, within=within)
    stranger = elsewhere.patients[0]
    with pytest.raises(NotFound):
        merge_patients(
            kept_id=place.patients[0].pk, gone_id=stranger.pk, choices=MergeChoices(sides={}), version=1,
            by_id=place.desk.pk, within={place.clinic.pk}, today=TODAY,
        )  # fmt: skip
    merge = merged(place)
    with pytest.raises(NotFound):
        undo_merge(merge_id=merge.pk, by_id=place.desk.pk, within={elsewhere.clinic.pk})
    with pytest.raises(NotFound):
        undo_merge(merge_id=uuid.uuid4(), by_id=place.desk.pk, within=None)


def test_what_cannot_be_merged_is_refused(place: SmallClinic) -> None:
    with pytest.raises(Invalid):
        merged(place, kept=0, gone=0)
    with pytest.raises(ChangedMeanwhile):
        merged(place, version=7)
    Patient.objects.filter(pk=place.patients[0].pk).update(active=False)
    with pytest.raises(Invalid):
        merged(place)
    merged(place, kept=1, gone=0)
    for kept, gone in ((0, 1), (1, 0), (2, 0), (0, 2)):
        with pytest.raises(Invalid):
            merged(place, kept=kept, gone=gone)


def test_nothing_is_written_to_a_record_that_is_gone(place: SmallClinic) -> None:
    merged(place)
    with pytest.raises(Merged) as refused:
        booked(place, 9, 1)
    assert refused.value.extra["merged_into"] == place.patients[0].pk
    with pytest.raises(Merged):
        add_contact_point(
            patient_id=place.patients[1].pk, contact=NewContact(system="email", value="a@b.example"), country=None
        )


def test_a_merge_with_many_visits_takes_a_fixed_number_of_statements(
    place: SmallClinic, django_assert_max_num_queries: Any
) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(duration=15)
    for quarter in range(20):
        asked = place.booking(place.at(8 + quarter // 4, quarter % 4 * 15), patient=1, minutes=15)
        book_appointment(asked, caller=place.staff)
    assert Clinic.objects.count() == 1
    with django_assert_max_num_queries(75):
        merged(place)
