"""Records of people: what became part of another record holds nothing any more, and leads straight to the one that stays."""

from typing import Final

from .check import Check

CHECKS: Final = (
    Check(
        "a_merged_record_holds_nothing",
        """
        SELECT DISTINCT gone.id FROM patients_patient AS gone
        WHERE gone.merged_into_id IS NOT NULL AND (
            gone.active OR gone.user_id IS NOT NULL
            OR EXISTS (SELECT FROM appointments_appointment WHERE patient_id = gone.id)
            OR EXISTS (SELECT FROM appointments_series WHERE patient_id = gone.id)
            OR EXISTS (SELECT FROM appointments_hold WHERE patient_id = gone.id)
            OR EXISTS (SELECT FROM appointments_waitlistentry WHERE patient_id = gone.id)
            OR EXISTS (SELECT FROM patients_contactpoint WHERE patient_id = gone.id AND active)
            OR EXISTS (SELECT FROM notifications_message WHERE patient_id = gone.id)
            OR EXISTS (SELECT FROM notifications_reply WHERE patient_id = gone.id))
        """,
    ),
    Check(
        "a_merged_record_leads_to_one_that_stays",
        """
        SELECT gone.id FROM patients_patient AS gone JOIN patients_patient AS kept ON kept.id = gone.merged_into_id
        WHERE kept.merged_into_id IS NOT NULL
        """,
    ),
    Check(
        "a_merge_that_stands_says_where_its_record_went",
        """
        SELECT merge.id FROM patients_merge AS merge JOIN patients_patient AS gone ON gone.id = merge.gone_id
        WHERE merge.undone_at IS NULL AND gone.merged_into_id IS NULL
        UNION ALL
        SELECT gone.id FROM patients_patient AS gone WHERE gone.merged_into_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM patients_merge WHERE gone_id = gone.id AND undone_at IS NULL)
        """,
    ),
)
