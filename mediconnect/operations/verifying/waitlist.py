"""The waitlist: each wish in one state, each freed time offered once, each offer with its time held, nobody lost."""

from typing import Final

from .check import Check, Severity

# Two turns of the sweep that looks each minute.
_TWICE: Final = "interval '2 minutes'"

CHECKS: Final = (
    Check(
        "a_standing_offer_has_its_time_held",
        """
        SELECT offer.id FROM appointments_waitlistoffer AS offer
        LEFT JOIN appointments_hold AS hold ON hold.freed_time_id = offer.freed_time_id
        WHERE offer.state = 'offered' AND offer.expires_at > statement_timestamp()
          AND (hold.id IS NULL OR hold.expires_at < offer.expires_at OR hold.provider_id <> offer.provider_id
               OR (hold.starts_at, hold.ends_at) <> (offer.starts_at, offer.ends_at))
        """,
    ),
    Check(
        "a_standing_offer_is_of_a_wish_that_says_so",
        """
        SELECT offer.id FROM appointments_waitlistoffer AS offer
        JOIN appointments_waitlistentry AS wish ON wish.id = offer.entry_id
        WHERE offer.state = 'offered' AND wish.state <> 'offered'
        """,
    ),
    Check(
        "a_wish_with_an_offer_has_one_that_stands",
        """
        SELECT wish.id FROM appointments_waitlistentry AS wish
        WHERE wish.state = 'offered' AND 1 <> (
            SELECT count(*) FROM appointments_waitlistoffer WHERE entry_id = wish.id AND state = 'offered')
        """,
    ),
    Check(
        "a_standing_offer_is_of_a_time_that_is_open",
        """
        SELECT offer.id FROM appointments_waitlistoffer AS offer
        JOIN appointments_freedtime AS freed ON freed.id = offer.freed_time_id
        WHERE offer.state = 'offered' AND (freed.state <> 'open' OR offer.starts_at < freed.starts_at
                                           OR offer.ends_at > freed.ends_at)
        """,
    ),
    Check(
        "no_offer_was_made_after_its_time_began",
        "SELECT id FROM appointments_waitlistoffer WHERE made_at >= starts_at OR expires_at > starts_at",
    ),
    Check(
        "a_freed_time_is_offered_to_no_more_than_are_asked_at_once",
        """
        SELECT offer.freed_time_id FROM appointments_waitlistoffer AS offer
        JOIN appointments_waitlistentry AS wish ON wish.id = offer.entry_id
        LEFT JOIN appointments_waitlistpolicy AS own
            ON own.clinic_id = wish.clinic_id AND own.appointment_type_id = wish.appointment_type_id
        LEFT JOIN appointments_waitlistpolicy AS general
            ON general.clinic_id = wish.clinic_id AND general.appointment_type_id IS NULL
        WHERE offer.state = 'offered'
        GROUP BY offer.freed_time_id, coalesce(own.at_once, general.at_once, 1),
                 greatest(own.updated_at, general.updated_at)
        HAVING count(*) > coalesce(own.at_once, general.at_once, 1)
           AND coalesce(greatest(own.updated_at, general.updated_at) < min(offer.made_at), true)
        """,
    ),
    Check(
        "an_offer_that_ran_out_is_ended",
        f"""
        SELECT id FROM appointments_waitlistoffer
        WHERE state = 'offered' AND expires_at < statement_timestamp() - {_TWICE}
        """,  # noqa: S608
    ),
    Check(
        "a_time_is_held_for_nobody_but_whoever_is_asked",
        f"""
        SELECT hold.id FROM appointments_hold AS hold
        WHERE hold.freed_time_id IS NOT NULL AND hold.expires_at > statement_timestamp()
          AND hold.created_at < statement_timestamp() - {_TWICE}
          AND NOT EXISTS (SELECT FROM appointments_waitlistoffer
                          WHERE freed_time_id = hold.freed_time_id AND state = 'offered')
        """,  # noqa: S608
    ),
    Check(
        "an_accepted_offer_is_a_visit_of_its_person",
        """
        SELECT offer.id FROM appointments_waitlistoffer AS offer
        JOIN appointments_waitlistentry AS wish ON wish.id = offer.entry_id
        LEFT JOIN appointments_appointment AS visit ON visit.id = offer.appointment_id
        WHERE offer.state = 'accepted' AND (visit.id IS NULL OR visit.patient_id <> wish.patient_id)
        """,
    ),
    Check(
        "a_wish_that_was_met_has_one_accepted_offer",
        """
        SELECT wish.id FROM appointments_waitlistentry AS wish
        WHERE (wish.state = 'accepted') <> EXISTS (
            SELECT FROM appointments_waitlistoffer WHERE entry_id = wish.id AND state = 'accepted')
        """,
    ),
    Check(
        "a_time_that_the_list_filled_was_accepted_once",
        """
        SELECT freed.id FROM appointments_freedtime AS freed
        WHERE (freed.state = 'filled') <> EXISTS (
            SELECT FROM appointments_waitlistoffer WHERE freed_time_id = freed.id AND state = 'accepted')
        """,
    ),
    Check(
        "a_freed_time_that_is_due_was_looked_at",
        # Only where somebody waits, and not of what begins so soon that nobody would be asked.
        f"""
        SELECT freed.id FROM appointments_freedtime AS freed
        WHERE freed.state = 'open' AND freed.looked_at IS NULL AND freed.starts_at > statement_timestamp()
          AND freed.offer_from < statement_timestamp() - {_TWICE}
          AND EXISTS (SELECT FROM appointments_waitlistentry AS wish
                      WHERE wish.clinic_id = freed.clinic_id AND wish.state = 'waiting')
        """,  # noqa: S608
        Severity.WARNING,
    ),
)
