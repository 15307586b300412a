"""Many visits at once: nothing is forgotten on the way, and what is ticked was done."""

from typing import Final

from appointments.models import Batch, BatchItem

from .check import PATIENCE, Check

_DONE: Final = f"'{BatchItem.State.DONE.value}', '{BatchItem.State.UNDONE.value}'"


def _ticked(act: Batch.Act, wrote: str) -> str:
    """Return the SQL of visits that are ticked without the change that `wrote` describes, next to the version looked at."""
    return f"""
        SELECT item.id FROM appointments_batchitem AS item JOIN appointments_batch AS batch ON batch.id = item.batch_id
        WHERE batch.act = '{act.value}' AND item.state IN ({_DONE}) AND NOT EXISTS (
            SELECT FROM records_change AS change
            WHERE change.record_type = 'appointments_appointment' AND change.record_id = item.appointment_id
              AND change.version = item.version + 1 AND {wrote})
    """  # noqa: S608


CHECKS: Final = (
    Check(
        "no_batch_waits_forgotten",
        f"""
        SELECT batch.id FROM appointments_batch AS batch
        WHERE batch.updated_at < statement_timestamp() - {PATIENCE} AND EXISTS (
            SELECT FROM appointments_batchitem AS item
            WHERE item.batch_id = batch.id AND item.state = '{BatchItem.State.WAITING.value}')
          AND NOT EXISTS (
            SELECT FROM appointments_batchitem AS item JOIN outbox_fact AS fact ON fact.aggregate_id = item.id
            JOIN outbox_delivery AS delivery ON delivery.fact_id = fact.id
            WHERE item.batch_id = batch.id AND delivery.state = 'pending')
        """,  # noqa: S608
    ),
    Check(
        "what_a_batch_cancelled_was_cancelled",
        _ticked(Batch.Act.CANCEL, "change.after ->> 'status' = 'cancelled'"),
    ),
    Check(
        "what_a_batch_moved_was_moved",
        _ticked(Batch.Act.MOVE, "change.after ?| ARRAY['starts_at', 'provider_id']"),
    ),
)
