"""Add what Django cannot say: references that agree with each other, openings that cover their visits, checks at once."""

from django.db import migrations

# (constraint, table, columns, target table, target columns). A visit's type, room, provider and patient belong to the
# visit's clinic, and a seat's session has the seat's time. NULL in any column means there is nothing to agree with.
AGREEMENTS = [
    *(
        (f"{what}_{clause}", f"appointments_{table}", columns, target, target_columns)
        for table, what in (("appointment", "a_visit"), ("session", "a_session"), ("hold", "a_hold"))
        for clause, columns, target, target_columns in (
            ("is_of_a_type_of_its_clinic", "appointment_type_id, clinic_id", "providers_appointmenttype", "id, clinic_id"),
            ("is_in_a_room_of_its_clinic", "room_id, clinic_id", "providers_resource", "id, clinic_id"),
            ("uses_a_device_of_its_clinic", "device_id, clinic_id", "providers_resource", "id, clinic_id"),
            ("is_with_a_provider_of_its_clinic", "provider_id, clinic_id", "providers_practitionerrole", "provider_id, clinic_id"),
        )
    ),
    (
        "a_visit_is_for_a_patient_of_its_clinic",
        "appointments_appointment",
        "patient_id, clinic_id",
        "patients_registration",
        "patient_id, clinic_id",
    ),
    (
        "a_seat_is_in_a_session_of_its_time",
        "appointments_appointment",
        "session_id, clinic_id, provider_id, appointment_type_id, starts_at, ends_at",
        "appointments_session",
        "id, clinic_id, provider_id, appointment_type_id, starts_at, ends_at",
    ),
]

# The other half of “a visit lies inside the openings”: taking an opening away waits for bookings under way (they hold it
# FOR SHARE) and then sees them. After the statement, so that replacing pieces is judged by what they add up to.
COVER = """
CREATE FUNCTION openings_cover_their_visits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM appointments_appointment AS visit
        WHERE visit.provider_id = OLD.resource_id AND visit.clinic_id = OLD.clinic_id AND visit.override_reason = ''
          AND visit.status IN ('booked', 'confirmed', 'arrived', 'roomed', 'in_progress')
          AND visit.starts_at < upper(OLD.during) AND visit.ends_at > lower(OLD.during)
          AND visit.starts_at > lower(OLD.during) - interval '8 hours'
          AND NOT coalesce((
              SELECT range_agg(open.during) @> visit.during FROM providers_opening AS open
              WHERE open.resource_id = visit.provider_id AND open.clinic_id = visit.clinic_id AND open.during && visit.during
                AND (open.serves IS NULL OR visit.appointment_type_id = ANY (open.serves))), false))
    THEN
        RAISE EXCEPTION 'an opening is not taken away from under a visit'
            USING ERRCODE = '23514', CONSTRAINT = 'openings_cover_their_visits', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER openings_cover_their_visits AFTER UPDATE OR DELETE ON providers_opening
    FOR EACH ROW EXECUTE FUNCTION openings_cover_their_visits();
"""

UNCOVER = """
DROP TRIGGER openings_cover_their_visits ON providers_opening;
DROP FUNCTION openings_cover_their_visits();
"""

# Django defers foreign keys to COMMIT, where a refusal can no longer be answered in words. Ours speak up at once.
TIMING = """
DO $$ DECLARE reference record; BEGIN
    FOR reference IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
        WHERE contype = 'f' AND condeferrable AND conrelid::regclass::text LIKE 'appointments\\_%%'
    LOOP
        EXECUTE format('ALTER TABLE %%s ALTER CONSTRAINT %%I DEFERRABLE INITIALLY {when}', reference.owner, reference.conname);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """Composite foreign keys, the guard of openings, and immediate checks."""

    dependencies = [
        ("appointments", "0001_visits_and_claims"),
        ("patients", "0001_for_whom"),
        ("providers", "0001_who_where_when"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target} ({target_columns})",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for name, table, columns, target, target_columns in AGREEMENTS
        ),
        migrations.RunSQL(COVER, UNCOVER),
        migrations.RunSQL(TIMING.replace("{when}", "IMMEDIATE").replace("%%", "%"), TIMING.replace("{when}", "DEFERRED").replace("%%", "%")),
    ]
