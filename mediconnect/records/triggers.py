"""What the database itself promises about every record: versions rise by one, changes are kept, clinical rows stay."""

from typing import Any

import pgtrigger

_BUMP = """
    IF NEW.version = OLD.version THEN
        NEW.version := OLD.version + 1;
    ELSIF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'version of % % may only rise by one, from % to %', TG_TABLE_NAME, OLD.id, OLD.version, OLD.version + 1
            USING ERRCODE = '23514', CONSTRAINT = 'a_version_rises_by_one', TABLE = TG_TABLE_NAME;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
"""

# One row per change, with only the columns that changed. Written by the database, so that raw SQL, bulk edits and
# the admin leave the same trace. An update that changes nothing but its version stamp leaves none.
_KEEP = """
    old_row := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    new_row := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
    IF TG_OP = 'UPDATE' THEN
        SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO before FROM jsonb_each(old_row)
            WHERE value IS DISTINCT FROM new_row -> key AND key NOT IN ('version', 'updated_at');
        SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO after FROM jsonb_each(new_row)
            WHERE value IS DISTINCT FROM old_row -> key AND key NOT IN ('version', 'updated_at');
        IF before = '{}' AND after = '{}' THEN RETURN NULL; END IF;
    ELSE
        before := old_row; after := new_row;
    END IF;
    INSERT INTO records_change (record_type, record_id, version, operation, before, after, at, actor_id, request_id, reason)
    VALUES (TG_TABLE_NAME, coalesce(new_row ->> 'id', new_row ->> '{pk}', old_row ->> 'id', old_row ->> '{pk}')::uuid,
            coalesce((new_row ->> 'version')::int, (old_row ->> 'version')::int), lower(TG_OP), before, after, clock_timestamp(),
            nullif(current_setting('mediconnect.actor', true), '')::uuid,
            coalesce(current_setting('mediconnect.request', true), ''),
            coalesce(current_setting('mediconnect.reason', true), ''));
    RETURN NULL;
"""


def version_rises() -> pgtrigger.Trigger:
    """Return the trigger that bumps `version` and `updated_at` on each update and refuses a version that skips."""
    return pgtrigger.Trigger(name="version_rises", when=pgtrigger.Before, operation=pgtrigger.Update, func=_BUMP)


def changes_are_kept(*, pk: str = "id") -> pgtrigger.Trigger:
    """Return the trigger that appends each change to `records_change`; `pk` names the column that identifies the row."""
    return pgtrigger.Trigger(
        name="changes_are_kept",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("old_row", "jsonb"), ("new_row", "jsonb"), ("before", "jsonb"), ("after", "jsonb")],
        func=_KEEP.replace("{pk}", pk),
    )


def refused(*, name: str, operation: Any, sentence: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses the operation outright, with an error named `name` that says why."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        func=f"RAISE EXCEPTION '{sentence}' USING ERRCODE = '23514', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;",
    )
