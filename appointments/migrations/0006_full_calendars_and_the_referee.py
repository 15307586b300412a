"""Let the referee know second providers and displaced visits, and hold the new tables to their clinics."""

from django.db import migrations

AGREEMENTS = [
    ("a_second_provider_works_at_the_clinic", "appointments_appointment", "second_provider_id, clinic_id", "providers_practitionerrole", "provider_id, clinic_id"),
    ("a_hold_has_a_second_provider_of_its_clinic", "appointments_hold", "second_provider_id, clinic_id", "providers_practitionerrole", "provider_id, clinic_id"),
    *(
        (f"{what}_is_of_a_type_of_its_clinic", f"appointments_{table}", "appointment_type_id, clinic_id", "providers_appointmenttype", "id, clinic_id")
        for table, what in (("waitlistentry", "a_wish"), ("series", "a_series"), ("waitlistpolicy", "a_waitlist_policy"))
    ),
    *(
        (f"{what}_is_for_a_patient_of_its_clinic", f"appointments_{table}", "patient_id, clinic_id", "patients_registration", "patient_id, clinic_id")
        for table, what in (("waitlistentry", "a_wish"), ("series", "a_series"))
    ),
    *(
        (f"{what}_is_with_a_provider_of_its_clinic", f"appointments_{table}", "provider_id, clinic_id", "providers_practitionerrole", "provider_id, clinic_id")
        for table, what in (("freedtime", "freed_time"), ("series", "a_series"))
    ),
]

COVER = """
CREATE OR REPLACE FUNCTION openings_cover_their_visits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM appointments_appointment AS visit
        WHERE {whose} AND visit.clinic_id = OLD.clinic_id AND visit.override_reason = '' {but}
          AND visit.status IN ('booked', 'confirmed', 'arrived', 'roomed', 'in_progress')
          AND visit.starts_at < upper(OLD.during) AND visit.ends_at > lower(OLD.during)
          AND visit.starts_at > lower(OLD.during) - interval '8 hours'
          AND NOT coalesce((
              SELECT range_agg(open.during) @> visit.during FROM providers_opening AS open
              WHERE open.resource_id = OLD.resource_id AND open.clinic_id = visit.clinic_id AND open.during && visit.during
                AND (open.serves IS NULL OR visit.appointment_type_id = ANY (open.serves))), false))
    THEN
        RAISE EXCEPTION 'an opening is not taken away from under a visit'
            USING ERRCODE = '23514', CONSTRAINT = 'openings_cover_their_visits', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
NOW = COVER.format(
    whose="(visit.provider_id = OLD.resource_id OR visit.second_provider_id = OLD.resource_id)", but="AND NOT visit.displaced"
)
BEFORE = COVER.format(whose="visit.provider_id = OLD.resource_id", but="")

# As in 0002: what refuses a row speaks up at once, not at COMMIT.
TIMING = """
DO $$ DECLARE reference record; BEGIN
    FOR reference IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
        WHERE contype = 'f' AND condeferrable AND condeferred AND conrelid::regclass::text LIKE 'appointments\\_%'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY IMMEDIATE', reference.owner, reference.conname);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """Composite foreign keys, the guard of openings, and immediate checks."""

    dependencies = [("appointments", "0005_full_calendars")]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target} ({target_columns})",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for name, table, columns, target, target_columns in AGREEMENTS
        ),
        migrations.RunSQL(NOW, BEFORE),
        migrations.RunSQL(TIMING, migrations.RunSQL.noop),
    ]
