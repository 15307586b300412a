"""The rules about time that hold for every writer: services, the admin, bulk edits and raw SQL alike."""

# ruff: noqa: S608  # composed of constants
from .status import ACTIVE, CLAIMING, TRANSITIONS


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_STEPS = ", ".join(f"('{old.value}', '{new.value}')" for old, targets in TRANSITIONS.items() for new in targets)

KNOWN_STEP = f"""
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN ({_STEPS}) THEN
        RAISE EXCEPTION 'a visit does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = '23514', CONSTRAINT = 'a_status_takes_a_known_step', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
"""

# A visit with two providers lies inside the openings of both; one that time off displaced keeps its claims and waits for a
# new time. FOR SHARE holds the openings still until this transaction ends, so an edit of hours waits for the booking or the
# booking for the edit; each then sees what the other committed. Adjoining openings count as one (range_agg).
COVERED_BY_OPENINGS = f"""
    IF NEW.override_reason <> '' OR NEW.displaced OR NEW.status NOT IN ({_listed(ACTIVE)}) THEN RETURN NULL; END IF;
    IF TG_OP = 'UPDATE' AND OLD.status IN ({_listed(ACTIVE)}) AND OLD.override_reason = '' AND NOT OLD.displaced
        AND OLD.second_provider_id IS NOT DISTINCT FROM NEW.second_provider_id
        AND (OLD.during, OLD.provider_id, OLD.clinic_id, OLD.appointment_type_id)
          = (NEW.during, NEW.provider_id, NEW.clinic_id, NEW.appointment_type_id) THEN RETURN NULL;
    END IF;
    IF NOT coalesce((
        SELECT range_agg(open.during) @> NEW.during FROM (
            SELECT during FROM providers_opening
            WHERE resource_id = NEW.provider_id AND clinic_id = NEW.clinic_id AND during && NEW.during
              AND (serves IS NULL OR NEW.appointment_type_id = ANY (serves))
            ORDER BY id FOR SHARE) AS open), false)
      OR (NEW.second_provider_id IS NOT NULL AND NOT coalesce((
        SELECT range_agg(open.during) @> NEW.during FROM (
            SELECT during FROM providers_opening
            WHERE resource_id = NEW.second_provider_id AND clinic_id = NEW.clinic_id AND during && NEW.during
              AND (serves IS NULL OR NEW.appointment_type_id = ANY (serves))
            ORDER BY id FOR SHARE) AS open), false))
    THEN
        RAISE EXCEPTION 'the visit does not lie inside the openings of its provider'
            USING ERRCODE = '23514', CONSTRAINT = 'a_visit_lies_inside_the_openings', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
"""

# A visit claims provider, room and device together or not at all. A group's session claims them while a seat is taken.
VISIT_CLAIMS = f"""
    IF TG_OP = 'UPDATE'
        AND (OLD.during, OLD.buffer_before, OLD.buffer_after, OLD.provider_id, OLD.override_reason)
          = (NEW.during, NEW.buffer_before, NEW.buffer_after, NEW.provider_id, NEW.override_reason)
        AND OLD.room_id IS NOT DISTINCT FROM NEW.room_id AND OLD.device_id IS NOT DISTINCT FROM NEW.device_id
        AND OLD.second_provider_id IS NOT DISTINCT FROM NEW.second_provider_id
        AND OLD.session_id IS NOT DISTINCT FROM NEW.session_id AND OLD.seat IS NOT DISTINCT FROM NEW.seat
        AND (OLD.status IN ({_listed(CLAIMING)})) = (NEW.status IN ({_listed(CLAIMING)})) THEN RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN DELETE FROM appointments_claim WHERE appointment_id = NEW.id; END IF;
    IF TG_OP = 'UPDATE' AND OLD.session_id IS NOT NULL THEN
        PERFORM 1 FROM appointments_session WHERE id = OLD.session_id FOR NO KEY UPDATE;
        DELETE FROM appointments_claim WHERE session_id = OLD.session_id AND NOT EXISTS (
            SELECT FROM appointments_appointment WHERE session_id = OLD.session_id AND status IN ({_listed(CLAIMING)}));
    END IF;
    IF NEW.status NOT IN ({_listed(CLAIMING)}) THEN RETURN NULL; END IF;
    IF NEW.session_id IS NULL THEN
        INSERT INTO appointments_claim (resource_id, during, appointment_id, exclusive)
        SELECT taken, tstzrange(NEW.starts_at - make_interval(mins => NEW.buffer_before), NEW.ends_at + make_interval(mins => NEW.buffer_after)),
               NEW.id, NEW.override_reason = ''
        FROM unnest(ARRAY[NEW.provider_id, NEW.second_provider_id, NEW.room_id, NEW.device_id]) AS taken
        WHERE taken IS NOT NULL ORDER BY taken;
        RETURN NULL;
    END IF;
    SELECT capacity INTO seats FROM appointments_session WHERE id = NEW.session_id FOR NO KEY UPDATE;
    IF NEW.seat > seats THEN
        RAISE EXCEPTION 'the session has % seats', seats
            USING ERRCODE = '23514', CONSTRAINT = 'a_session_seats_no_more_than_its_capacity', TABLE = TG_TABLE_NAME;
    END IF;
    INSERT INTO appointments_claim (resource_id, during, session_id, exclusive)
    SELECT taken, tstzrange(s.starts_at - make_interval(mins => s.buffer_before), s.ends_at + make_interval(mins => s.buffer_after)), s.id, true
    FROM appointments_session s, unnest(ARRAY[s.provider_id, s.room_id, s.device_id]) AS taken
    WHERE s.id = NEW.session_id AND taken IS NOT NULL
      AND NOT EXISTS (SELECT FROM appointments_claim WHERE session_id = s.id) ORDER BY taken;
    RETURN NULL;
"""

HOLD_CLAIMS = """
    IF NEW.session_id IS NOT NULL THEN RETURN NULL; END IF;
    INSERT INTO appointments_claim (resource_id, during, hold_id, exclusive, expires_at)
    SELECT taken, tstzrange(NEW.starts_at - make_interval(mins => NEW.buffer_before), NEW.ends_at + make_interval(mins => NEW.buffer_after)),
           NEW.id, true, NEW.expires_at
    FROM unnest(ARRAY[NEW.provider_id, NEW.second_provider_id, NEW.room_id, NEW.device_id]) AS taken WHERE taken IS NOT NULL ORDER BY taken;
    RETURN NULL;
"""
