"""The judge itself: each check is silent while its promise holds, and speaks when the promise is broken behind the guards."""

import datetime as dt
import io
import json
from dataclasses import dataclass

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from appointments.models import Appointment
from appointments.services.booking import Override, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.holding import place_hold
from mediconnect.api.versions import Expected
from mediconnect.operations.verifying import CHECKS, Severity, broken, examine
from providers.models import AppointmentType, Device
from tests.appointments.conftest import SmallClinic, add_room, small_clinic
from tests.concurrency.clinics import second_provider

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Break:
    """How a promise is broken: the tables whose triggers sleep meanwhile, the constraints that go, and the deed."""

    deed: str
    asleep: tuple[str, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()


VISITS, CLAIMS, SESSIONS = "appointments_appointment", "appointments_claim", "appointments_session"
WISHES, OFFERS, FREED = "appointments_waitlistentry", "appointments_waitlistoffer", "appointments_freedtime"
HOLDS, OPENINGS, CHANGES = "appointments_hold", "providers_opening", "records_change"
TO_NINE = "starts_at = '{nine}', ends_at = timestamptz '{nine}' + interval '30 minutes'"
FACT = "INSERT INTO outbox_fact (id, name, aggregate_id, args, request_id, trace_context{more}) VALUES (gen_random_uuid(), '{name}', {about}, '{{}}', '', ''{values})"
DELIVERY = """
    WITH fact AS (INSERT INTO outbox_fact (id, name, args, request_id, trace_context, created_at)
                  VALUES (gen_random_uuid(), 'patients.PatientRegistered', '{}', '', '', now() - interval '11 minutes') RETURNING id)
    INSERT INTO outbox_delivery (fact_id, handler, state, due_at)
    SELECT id, 'somebody.hears', '%s', now() - interval '11 minutes' FROM fact
"""
ANSWER = """
    INSERT INTO idempotency_idempotencyrecord
        (principal, key_sha256, fingerprint, status_code, headers, body, resource_id, expires_at)
    VALUES ('user:1', sha256('%s'), sha256('body'), 201, '{"Location": "/api/v1/appointments/1/"}', '', %s, now() + interval '1 day')
"""

MESSAGE = f"""
    INSERT INTO notifications_message (
        id, kind, channel, language, recipient, subject, body, state, reason, last_attempt_at, clinic_id, patient_id,
        visit_id, visit_version, visit_starts_at)
    SELECT gen_random_uuid(), '{{kind}}', '{{channel}}', 'en', '', '', '', '{{state}}', '{{reason}}', {{attempt}}, clinic_id,
        patient_id, id, version, starts_at FROM {VISITS} WHERE id = '{{{{{{of}}}}}}';
"""
REMINDER = f"""
    INSERT INTO notifications_reminder (
        id, visit_id, visit_version, visit_starts_at, lead_minutes, due_at, state{{more}})
    SELECT gen_random_uuid(), id, version, starts_at, 60, now() - interval '{{due}}', '{{state}}'{{values}}
    FROM {VISITS} WHERE id = '{{{{first}}}}';
"""
BATCH = f"""
    INSERT INTO appointments_batch (
        id, version, created_at, updated_at, clinic_id, act, cancellation_reason, shift_minutes, words, created_by_id)
    SELECT gen_random_uuid(), 1, now(), now() - interval '11 minutes', clinic_id, {{act}}, '',
        (SELECT id FROM accounts_user LIMIT 1) FROM {VISITS} WHERE id = '{{{{first}}}}';
    INSERT INTO appointments_batchitem (id, created_at, batch_id, appointment_id, version, place, state)
    SELECT gen_random_uuid(), now(), (SELECT id FROM appointments_batch), '{{{{first}}}}', 1, 0, '{{state}}'
"""
DISPLACED = f"""
    INSERT INTO providers_timeoff (id, version, created_at, updated_at, starts_at, ends_at, reason, cancelled, resource_id)
    SELECT gen_random_uuid(), 1, now(), now(), starts_at, ends_at, '', false, provider_id FROM {VISITS} WHERE id = '{{{{first}}}}';
    INSERT INTO appointments_displacement (
        id, version, created_at, updated_at, clinic_id, time_off_id, same_provider, substitutes, within_days, answer_hours,
        moves_without_asking, created_by_id)
    SELECT gen_random_uuid(), 1, now(), now(), clinic_id, (SELECT id FROM providers_timeoff), true, '{{{{{{{{}}}}}}}}', 14, 24,
        false, (SELECT id FROM accounts_user LIMIT 1) FROM {VISITS} WHERE id = '{{{{first}}}}';
    INSERT INTO appointments_displacedvisit (
        id, created_at, displacement_id, appointment_id, was_provider_id, appointment_type_id, was_starts_at, was_ends_at,
        proposed_provider_id, proposed_starts_at, proposed_ends_at, state, expires_at)
    SELECT gen_random_uuid(), now(), (SELECT id FROM appointments_displacement), id, provider_id, appointment_type_id,
        starts_at, ends_at, provider_id, starts_at, ends_at, '{{state}}', {{expires}} FROM {VISITS} WHERE id = '{{{{first}}}}';
"""
OFFERED = f"""
    INSERT INTO appointments_waitlistentry (
        id, version, created_at, updated_at, clinic_id, patient_id, appointment_type_id, providers, weekdays, from_date,
        until_date, notice_minutes, priority, source, note, state, joined_at)
    SELECT gen_random_uuid(), 1, now(), now(), clinic_id, patient_id, appointment_type_id, '{{{{{{{{}}}}}}}}',
        '{{{{{{{{}}}}}}}}', now(), now(), 0, 0, 'staff', '', 'offered', now() FROM {VISITS} WHERE id = '{{{{second}}}}';
    INSERT INTO appointments_freedtime (
        id, created_at, clinic_id, provider_id, starts_at, ends_at, cause, offer_from)
    SELECT gen_random_uuid(), now(), clinic_id, provider_id, starts_at, ends_at, 'cancelled', now()
    FROM {VISITS} WHERE id = '{{{{gone}}}}';
    INSERT INTO appointments_waitlistoffer (
        id, created_at, entry_id, freed_time_id, provider_id, starts_at, ends_at, place, made_at, expires_at)
    SELECT gen_random_uuid(), now(), (SELECT id FROM appointments_waitlistentry), id, provider_id, starts_at, ends_at, 1,
        now() - interval '11 minutes', now() + interval '1 hour' FROM appointments_freedtime LIMIT 1;
"""
ASKING = """
    INSERT INTO notifications_message (
        id, kind, channel, language, recipient, subject, body, state, last_attempt_at, clinic_id, patient_id, {columns})
    SELECT gen_random_uuid(), '{kind}', 'sms', 'en', '', '', '', 'queued', clock_timestamp() + interval '1 minute',
        clinic_id, patient_id, {values};
"""
CALLED = f"""
    INSERT INTO notifications_hook (
        id, version, created_at, updated_at, clinic_id, name, url, host, secret, former_secret, events, active, paused_why)
    SELECT gen_random_uuid(), 1, now(), now(), id, 'Billing', '', 'x', '', '', ARRAY['booked'], true, ''
    FROM providers_clinic
    WHERE (id = (SELECT clinic_id FROM {VISITS} WHERE id = '{{{{first}}}}')) = {{own}} LIMIT 1;
    INSERT INTO notifications_hookcall (id, hook_id, fact_id, visit_id, event, body, {{columns}})
    SELECT gen_random_uuid(), (SELECT id FROM notifications_hook), (SELECT id FROM outbox_fact LIMIT 1), '{{{{first}}}}',
        'booked', '[]', {{values}};
"""
CANCELLING, SHIFTING = "'cancel', 'clinic_other', NULL::int", "'move', '', 30"

COLUMNS = ", ".join(
    column.column or ""
    for column in Appointment._meta.concrete_fields
    if not column.generated and column.column not in {"id", "provider_id", "second_provider_id", "patient_id"}
)
MERGED = """
    UPDATE patients_patient AS gone SET active = false, merged_into_id = (
        SELECT id FROM patients_patient WHERE id <> gone.id ORDER BY id LIMIT 1)
"""

BREAKS = {
    "no_two_visits_of_one_provider_overlap": Break(
        f"UPDATE {VISITS} SET {TO_NINE}, room_id = NULL, device_id = NULL WHERE id = '{{second}}'", asleep=(VISITS,)
    ),
    "no_two_visits_in_one_room_overlap": Break(
        f"UPDATE {VISITS} SET {TO_NINE}, device_id = NULL WHERE id = '{{second}}'", asleep=(VISITS,)
    ),
    "no_two_visits_on_one_device_overlap": Break(
        f"UPDATE {VISITS} SET {TO_NINE}, room_id = NULL WHERE id = '{{second}}'", asleep=(VISITS,)
    ),
    "a_patient_is_in_one_place": Break(
        f"UPDATE {VISITS} SET status = 'confirmed', "
        f"patient_id = (SELECT patient_id FROM {VISITS} WHERE id = '{{first}}') WHERE id = '{{overriding}}'",
        asleep=(VISITS,),
        dropped=((VISITS, "a_patient_is_in_one_place"),),
    ),
    "a_visit_lies_inside_the_openings": Break(
        f"DELETE FROM {OPENINGS} WHERE resource_id = (SELECT provider_id FROM {VISITS} WHERE id = '{{first}}')",
        asleep=(OPENINGS,),
    ),
    "openings_of_a_resource_are_disjoint": Break(
        f"INSERT INTO {OPENINGS} (resource_id, clinic_id, during) SELECT resource_id, clinic_id, during FROM {OPENINGS}",
        dropped=((OPENINGS, "openings_of_a_resource_are_disjoint"),),
    ),
    "an_override_says_who_and_why": Break(
        f"UPDATE {VISITS} SET overridden_by_id = NULL WHERE id = '{{overriding}}'",
        dropped=((VISITS, "an_override_says_who_and_why"),),
    ),
    "a_group_has_no_more_people_than_seats": Break(
        f"UPDATE {VISITS} SET seat = 9 WHERE id = '{{seat}}'", asleep=(VISITS,)
    ),
    "a_seat_has_the_time_and_place_of_its_group": Break(
        f"UPDATE {VISITS} SET ends_at = ends_at + interval '5 minutes' WHERE id = '{{seat}}'",
        asleep=(VISITS,),
        dropped=((VISITS, "a_seat_is_in_a_session_of_its_time"),),
    ),
    "a_visit_is_for_a_patient_of_its_clinic": Break(
        f"DELETE FROM patients_registration WHERE patient_id = (SELECT patient_id FROM {VISITS} WHERE id = '{{first}}')",
        dropped=((VISITS, "a_visit_is_for_a_patient_of_its_clinic"),),
    ),
    "a_visit_uses_what_belongs_to_its_clinic": Break(
        f"UPDATE {VISITS} SET room_id = '{{foreign_room}}' WHERE id = '{{first}}'",
        asleep=(VISITS,),
        dropped=((VISITS, "a_visit_is_in_a_room_of_its_clinic"),),
    ),
    "no_two_claims_on_one_resource_meet": Break(
        f"INSERT INTO {CLAIMS} (resource_id, during, appointment_id, exclusive) "
        f"SELECT resource_id, during, appointment_id, exclusive FROM {CLAIMS} WHERE appointment_id = '{{first}}'",
        dropped=((CLAIMS, "a_resource_is_claimed_once"),),
    ),
    "a_visit_claims_its_provider_room_and_device": Break(
        f"DELETE FROM {CLAIMS} WHERE id = (SELECT min(id) FROM {CLAIMS} WHERE appointment_id = '{{first}}')"
    ),
    "a_visit_claims_no_more_than_it_occupies": Break(
        f"UPDATE {VISITS} SET status = 'no_show' WHERE id = '{{first}}'", asleep=(VISITS,)
    ),
    "a_group_claims_its_time_while_a_seat_is_taken": Break(f"DELETE FROM {CLAIMS} WHERE session_id = '{{session}}'"),
    "a_group_claims_nothing_once_it_is_empty": Break(
        f"UPDATE {VISITS} SET status = 'no_show' WHERE session_id = '{{session}}'", asleep=(VISITS,)
    ),
    "a_hold_claims_what_it_keeps": Break(f"DELETE FROM {CLAIMS} WHERE hold_id = '{{hold}}'"),
    "no_claim_outlives_its_hold": Break(
        f"DELETE FROM {HOLDS} WHERE id = '{{hold}}'",
        asleep=(HOLDS,),
        dropped=((CLAIMS, "{reference_to_holds}"),),
    ),
    "every_claim_has_one_owner": Break(
        f"UPDATE {CLAIMS} SET session_id = '{{session}}' WHERE appointment_id = '{{first}}'",
        dropped=((CLAIMS, "a_claim_has_one_owner"),),
    ),
    "a_claim_expires_with_its_hold": Break(
        f"UPDATE {CLAIMS} SET expires_at = expires_at + interval '1 hour' WHERE hold_id = '{{hold}}'"
    ),
    "holds_that_ran_out_are_swept_away": Break(
        f"WITH kept AS (UPDATE {HOLDS} SET expires_at = now() - interval '11 minutes' RETURNING id, expires_at) "
        f"UPDATE {CLAIMS} SET expires_at = kept.expires_at FROM kept WHERE kept.id = hold_id"
    ),
    "every_visit_has_a_history_that_ends_where_it_stands": Break(
        f"UPDATE {VISITS} SET status = 'confirmed' WHERE id = '{{first}}'", asleep=(VISITS,)
    ),
    "versions_rise_in_every_history": Break(
        f"INSERT INTO {CHANGES} (record_type, record_id, version, operation, before, after, at, request_id, reason) "
        f"VALUES ('{VISITS}', '{{first}}', 1, 'update', '{{{{}}}}', '{{{{}}}}', now(), '', '')"
    ),
    "no_history_runs_ahead_of_its_record": Break(
        f"INSERT INTO {CHANGES} (record_type, record_id, version, operation, before, after, at, request_id, reason) "
        f"VALUES ('{VISITS}', '{{first}}', 7, 'update', '{{{{}}}}', '{{{{}}}}', now(), '', '')"
    ),
    "a_booking_is_said_once": Break(
        "DELETE FROM outbox_delivery; DELETE FROM outbox_fact WHERE aggregate_id = '{first}'"
    ),
    "no_booking_is_said_that_never_was": Break(
        FACT.format(name="appointments.AppointmentBooked", about="gen_random_uuid()", more="", values="").replace(
            "'{}'", "'{{}}'"
        )
    ),
    "a_cancellation_is_said": Break(
        "DELETE FROM outbox_delivery; DELETE FROM outbox_fact WHERE name = 'appointments.AppointmentCancelled'"
    ),
    "every_fact_is_delivered_within_minutes": Break((DELIVERY % "pending").replace("'{}'", "'{{}}'")),
    "no_delivery_is_given_up": Break((DELIVERY % "dead").replace("'{}'", "'{{}}'")),
    "a_stored_answer_speaks_of_a_visit_that_exists": Break(
        (ANSWER % ("key", "gen_random_uuid()")).replace('{"', '{{"').replace('"}', '"}}')
    ),
    "a_key_has_one_effect": Break(
        ";".join(ANSWER % (key, "'@'") for key in ("one", "two"))
        .replace('{"', '{{"')
        .replace('"}', '"}}')
        .replace("'@'", "'{first}'")
    ),
    "every_guard_is_at_its_post": Break("SELECT", asleep=(VISITS,)),
    "every_upcoming_visit_has_its_reminders_planned": Break(
        f"UPDATE {VISITS} SET updated_at = now() - interval '11 minutes' WHERE id = '{{first}}'", asleep=(VISITS,)
    ),
    "no_reminder_rests_an_hour_past_its_time": Break(
        REMINDER.format(state="planned", due="2 hours", more="", values="")
    ),
    "a_reminder_is_told_to_the_person_of_its_visit": Break(
        MESSAGE.format(kind="booked", attempt="NULL", state="queued", reason="", of="second", channel="sms")
        + REMINDER.format(
            state="taken",
            due="2 hours",
            more=", decided_at, message_id",
            values=", now(), (SELECT id FROM notifications_message)",
        )
    ),
    "a_step_of_a_visit_is_told_on_one_channel": Break(
        ";".join(
            MESSAGE.format(kind="booked", attempt="NULL", state="queued", reason="", of="first", channel=channel)
            for channel in ("sms", "email")
        )
    ),
    "no_message_about_a_visit_was_begun_after_it_was_cancelled_or_moved": Break(
        MESSAGE.format(kind="booked", attempt="clock_timestamp()", state="queued", reason="", of="gone", channel="sms")
    ),
    "no_cancellation_was_told_after_it_was_undone": Break(
        MESSAGE.format(
            kind="cancelled",
            attempt="clock_timestamp() + interval '1 minute'",
            state="queued",
            reason="",
            of="first",
            channel="sms",
        )
        + f"INSERT INTO {CHANGES} (record_type, record_id, version, operation, before, after, at, request_id, reason) "
        f"""VALUES ('{VISITS}', '{{first}}', 2, 'update', '{{{{"status": "cancelled"}}}}', '{{{{}}}}', now(), '', '')"""
    ),
    "every_offer_has_its_message_or_the_reason": Break(OFFERED.format()),
    "no_offer_was_told_after_it_ended": Break(
        OFFERED.format()
        + "UPDATE appointments_waitlistoffer SET state = 'declined', ended_at = now();"
        + ASKING.format(
            kind="offer",
            columns="offer_id, visit_starts_at",
            values="(SELECT id FROM appointments_waitlistoffer), now() FROM appointments_waitlistentry",
        )
    ),
    "every_proposal_has_its_message_or_the_reason": Break(
        DISPLACED.format(state="asked", expires="now() + interval '1 hour'")
        + "UPDATE appointments_displacement SET sent_at = now() - interval '11 minutes'"
    ),
    "no_proposal_was_told_after_it_was_settled": Break(
        DISPLACED.format(state="asked", expires="now() + interval '1 hour'")
        + "UPDATE appointments_displacedvisit SET state = 'declined';"
        + ASKING.format(
            kind="proposal",
            columns="displaced_visit_id, visit_id, visit_version, visit_starts_at",
            values="(SELECT id FROM appointments_displacedvisit), id, version, starts_at "
            f"FROM {VISITS} WHERE id = '{{first}}'",
        )
    ),
    "what_is_to_be_sent_does_not_rest": Break(
        MESSAGE.format(kind="booked", attempt="NULL", state="queued", reason="", of="first", channel="sms")
        + "UPDATE notifications_message SET due_at = now() - interval '11 minutes'"
    ),
    "no_message_that_was_given_up_waits_for_a_day": Break(
        MESSAGE.format(
            kind="booked",
            attempt="now() - interval '25 hours'",
            state="dead",
            reason="attempts_used_up",
            of="first",
            channel="sms",
        )
    ),
    "a_merged_record_holds_nothing": Break(
        f"{MERGED} WHERE id = (SELECT patient_id FROM {VISITS} WHERE id = '{{first}}')"
    ),
    "a_merged_record_leads_to_one_that_stays": Break(
        f"{MERGED} WHERE id = (SELECT max(id::text)::uuid FROM patients_patient);"
        "UPDATE patients_patient SET merged_into_id = (SELECT max(id::text)::uuid FROM patients_patient), active = false"
        " WHERE id = (SELECT min(id::text)::uuid FROM patients_patient)"
    ),
    "a_merge_that_stands_says_where_its_record_went": Break(
        "INSERT INTO patients_merge (id, created_at, kept_id, gone_id, merged_by_id, moved)"
        " SELECT gen_random_uuid(), now(), min(id::text)::uuid, max(id::text)::uuid, (SELECT id FROM accounts_user LIMIT 1), '[]'"
        " FROM patients_patient"
    ),
    "no_batch_waits_forgotten": Break(BATCH.format(act=CANCELLING, state="waiting")),
    "what_a_batch_cancelled_was_cancelled": Break(BATCH.format(act=CANCELLING, state="done")),
    "what_a_batch_moved_was_moved": Break(BATCH.format(act=SHIFTING, state="done")),
    "every_delivered_webhook_says_when_and_what_was_answered": Break(
        CALLED.format(own="true", columns="state, delivered_at", values="'delivered', now()")
    ),
    "a_webhook_tells_of_visits_of_its_own_clinic": Break(
        CALLED.format(own="false", columns="state, due_at", values="'queued', now()")
    ),
    "no_webhook_rests_past_its_time": Break(
        CALLED.format(own="true", columns="state, due_at", values="'queued', now() - interval '11 minutes'")
    ),
    "a_standing_offer_has_its_time_held": Break(OFFERED.format()),
    "a_standing_offer_is_of_a_wish_that_says_so": Break(OFFERED.format() + f"UPDATE {WISHES} SET state = 'waiting'"),
    "a_wish_with_an_offer_has_one_that_stands": Break(
        OFFERED.format() + f"UPDATE {OFFERS} SET state = 'declined', ended_at = now()"
    ),
    "a_standing_offer_is_of_a_time_that_is_open": Break(
        OFFERED.format() + f"UPDATE {FREED} SET state = 'taken', closed_at = now()"
    ),
    "no_offer_was_made_after_its_time_began": Break(OFFERED.format() + f"UPDATE {OFFERS} SET made_at = starts_at"),
    "a_freed_time_is_offered_to_no_more_than_are_asked_at_once": Break(
        OFFERED.format()
        + f"""
        INSERT INTO {WISHES} (id, version, created_at, updated_at, clinic_id, patient_id, appointment_type_id, providers,
            weekdays, from_date, until_date, notice_minutes, priority, source, note, state, joined_at)
        SELECT gen_random_uuid(), 1, now(), now(), clinic_id, (SELECT patient_id FROM {VISITS} WHERE id = '{{first}}'),
            appointment_type_id, providers, weekdays, from_date, until_date, notice_minutes, priority, source, note, state,
            joined_at FROM {WISHES};
        INSERT INTO {OFFERS} (id, created_at, entry_id, freed_time_id, provider_id, starts_at, ends_at, place, made_at, expires_at)
        SELECT gen_random_uuid(), now(), (SELECT id FROM {WISHES} WHERE id <> entry_id), freed_time_id, provider_id, starts_at,
            ends_at, 2, made_at, expires_at FROM {OFFERS}
        """
    ),
    "an_offer_that_ran_out_is_ended": Break(
        OFFERED.format() + f"UPDATE {OFFERS} SET expires_at = now() - interval '11 minutes'"
    ),
    "a_time_is_held_for_nobody_but_whoever_is_asked": Break(
        OFFERED.format()
        + f"UPDATE {OFFERS} SET state = 'declined', ended_at = now(); UPDATE {HOLDS} SET held_by_id = NULL, "
        f"freed_time_id = (SELECT id FROM {FREED} LIMIT 1), created_at = now() - interval '11 minutes'"
    ),
    "an_accepted_offer_is_a_visit_of_its_person": Break(
        OFFERED.format() + f"UPDATE {OFFERS} SET state = 'accepted', ended_at = now(), appointment_id = '{{first}}'"
    ),
    "a_wish_that_was_met_has_one_accepted_offer": Break(
        OFFERED.format() + f"UPDATE {WISHES} SET state = 'accepted', closed_at = now()"
    ),
    "a_time_that_the_list_filled_was_accepted_once": Break(
        OFFERED.format() + f"UPDATE {FREED} SET state = 'filled', closed_at = now()"
    ),
    "a_freed_time_that_is_due_was_looked_at": Break(
        OFFERED.format()
        + f"UPDATE {WISHES} SET state = 'waiting'; UPDATE {FREED} SET offer_from = now() - interval '11 minutes'"
    ),
    "a_displaced_visit_has_one_open_row": Break(f"UPDATE {VISITS} SET displaced = true WHERE id = '{{first}}'"),
    "an_open_row_is_of_a_visit_that_is_displaced": Break(DISPLACED.format(state="to_call", expires="NULL")),
    "a_proposed_time_is_held": Break(
        DISPLACED.format(state="asked", expires="now() + interval '1 hour'")
        + f"UPDATE {VISITS} SET displaced = true WHERE id = '{{first}}'"
    ),
    "nothing_is_held_for_a_visit_that_needs_no_time": Break(
        DISPLACED.format(state="moved", expires="NULL")
        + f"UPDATE {HOLDS} SET held_by_id = NULL, displaced_visit_id = (SELECT id FROM appointments_displacedvisit)"
    ),
    "a_proposal_that_ran_out_is_ended": Break(
        DISPLACED.format(state="asked", expires="now() - interval '11 minutes'")
        + f"UPDATE {VISITS} SET displaced = true WHERE id = '{{first}}'"
    ),
}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def scene(place: SmallClinic) -> dict[str, object]:
    """Two visits in a room with a device, one that overrides, one cancelled, a group with two people, and a hold."""
    room = add_room(place)
    Device.objects.create(name="Ultrasound", clinic=place.clinic, category="ultrasound")
    AppointmentType.objects.filter(pk=place.kind.pk).update(device_kind="ultrasound", buffer_after=10)
    first, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    second, _ = book_appointment(place.booking(place.at(10), patient=1), caller=place.staff)
    override = Override(place.desk.pk, "walk-in in pain")
    overriding, _ = book_appointment(place.booking(place.at(9), patient=2, override=override), caller=place.staff)
    gone, _ = book_appointment(place.booking(place.at(11)), caller=place.staff)
    cancel_appointment(appointment_id=gone.pk, reason="clinic_other", expected=Expected(1, False), caller=place.staff)
    class_ = AppointmentType.objects.create(clinic=place.clinic, name="Back class", duration=60, capacity=2)
    seats = [
        book_appointment(place.booking(place.at(14), patient=who, appointment_type_id=class_.pk), caller=place.staff)[0]
        for who in (0, 1)
    ]
    hold, _ = place_hold(
        appointment_type_id=place.kind.pk, provider_id=place.provider.pk, start=place.at(16), caller=place.staff
    )
    foreign_room = add_room(small_clinic(patients=0))
    assert first.room_id == room.pk
    return {
        "first": first.pk,
        "second": second.pk,
        "gone": gone.pk,
        "overriding": overriding.pk,
        "seat": seats[1].pk,
        "session": seats[1].session_id,
        "hold": hold.pk,
        "foreign_room": foreign_room.pk,
        "nine": place.at(9).astimezone(dt.UTC).isoformat(),
        "reference_to_holds": reference(CLAIMS, HOLDS),
    }


def reference(table: str, target: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid = %s::regclass",
            [table, target],
        )
        return str(cursor.fetchone()[0])


def break_it(broken_so: Break, scene: dict[str, object]) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in broken_so.asleep:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, constraint in broken_so.dropped:
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint.format(**scene)}" CASCADE')
    run(broken_so.deed.format(**scene))


def test_all_is_well_in_a_clinic_that_books_moves_and_cancels(scene: dict[str, object]) -> None:
    assert broken() == []


def test_every_check_has_a_way_to_be_broken() -> None:
    assert set(BREAKS) == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_promise_is_seen(name: str, scene: dict[str, object]) -> None:
    break_it(BREAKS[name], scene)
    found = broken([name])
    assert [one.name for one in found] == [name]
    assert found[0].count >= 1
    assert found[0].ids


def test_openings_that_adjoin_cover_a_visit_together(scene: dict[str, object], place: SmallClinic) -> None:
    cut = place.at(9, 15).isoformat()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {OPENINGS} DISABLE TRIGGER USER")
    run(f"""
        WITH whole AS (DELETE FROM {OPENINGS} WHERE resource_id = '{place.provider.pk}' RETURNING *)
        INSERT INTO {OPENINGS} (resource_id, clinic_id, during, serves)
        SELECT resource_id, clinic_id, tstzrange(lower(during), '{cut}'), NULL::uuid[] FROM whole
        UNION ALL
        SELECT resource_id, clinic_id, tstzrange('{cut}', upper(during)),
               ARRAY(SELECT appointment_type_id FROM {VISITS}) FROM whole
    """)
    assert broken(["a_visit_lies_inside_the_openings"]) == []


def test_an_opening_for_other_types_covers_nothing(scene: dict[str, object], place: SmallClinic) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {OPENINGS} DISABLE TRIGGER USER")
    run(f"UPDATE {OPENINGS} SET serves = ARRAY['{place.kind.pk}'::uuid]")
    found = broken(["a_visit_lies_inside_the_openings"])
    groups = Appointment.objects.exclude(session=None)
    assert set(found[0].ids) == {str(pk) for pk in groups.values_list("pk", flat=True)}


def test_twenty_are_named_and_all_are_counted(place: SmallClinic) -> None:
    run(f"ALTER TABLE {CLAIMS} DROP CONSTRAINT a_claim_has_one_owner")
    run(f"""
        INSERT INTO {CLAIMS} (resource_id, during, exclusive)
        SELECT '{place.provider.pk}', tstzrange(now(), now() + interval '1 hour'), false FROM generate_series(1, 25)
    """)
    found = broken(["every_claim_has_one_owner"])[0]
    assert (found.count, len(found.ids)) == (25, 20)
    assert str(found).endswith("and 5 more")


def test_the_command_says_that_all_is_well(scene: dict[str, object]) -> None:
    out = io.StringIO()
    call_command("verify", stdout=out)
    assert f"All {len(CHECKS)} promises hold" in out.getvalue()


def test_the_command_exits_with_a_list_of_what_is_broken(scene: dict[str, object]) -> None:
    break_it(BREAKS["a_booking_is_said_once"], scene)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify", "--json", stdout=out)
    assert ended.value.code == 1
    document = json.loads(out.getvalue())
    assert document["holds"] is False
    assert [check["ids"] for check in document["checks"] if not check["holds"]] == [[str(scene["first"])]]


def test_a_warning_alone_is_no_failure(scene: dict[str, object]) -> None:
    name = "holds_that_ran_out_are_swept_away"
    break_it(BREAKS[name], scene)
    assert broken([name])[0].severity == Severity.WARNING
    out = io.StringIO()
    call_command("verify", only=[name], stdout=out)
    assert "WARNING" in out.getvalue()


def test_a_name_that_no_check_has_is_refused() -> None:
    with pytest.raises(CommandError, match="no check named all_is_well"):
        call_command("verify", only=["all_is_well"])


def test_each_check_runs_by_its_name(scene: dict[str, object]) -> None:
    names = {"a_patient_is_in_one_place", "no_delivery_is_given_up"}
    assert {outcome.check.name for outcome in examine(names)} == names


def test_the_second_provider_is_asked_about_as_the_first_is(place: SmallClinic) -> None:
    second = second_provider(place)
    visit, _ = book_appointment(place.booking(place.at(9), second_provider_id=second.pk), caller=place.staff)
    assert broken() == []
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in (OPENINGS, VISITS):
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run(f"DELETE FROM {OPENINGS} WHERE resource_id = '{second.pk}'")
    run(f"DELETE FROM {CLAIMS} WHERE resource_id = '{second.pk}'")
    run(f"""
        INSERT INTO {VISITS} ({COLUMNS}, id, provider_id, second_provider_id, patient_id)
        SELECT {COLUMNS}, gen_random_uuid(), second_provider_id, NULL, '{place.patients[1].pk}' FROM {VISITS}
    """)
    names = {one.name for one in broken()}
    assert {
        "no_two_visits_of_one_provider_overlap",
        "a_visit_lies_inside_the_openings",
        "a_visit_claims_its_provider_room_and_device",
    } <= names
    assert visit.second_provider_id == second.pk
