"""Every promise that the self-check asks of the data, in plain words, sorted by what it is about."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

VISITS: Final[Mapping[str, str]] = {
    "no_two_visits_of_one_provider_overlap": gettext_noop("No provider has two visits at once."),
    "no_two_visits_in_one_room_overlap": gettext_noop("No room has two visits at once."),
    "no_two_visits_on_one_device_overlap": gettext_noop("No device has two visits at once."),
    "a_patient_is_in_one_place": gettext_noop("No patient has two visits at once."),
    "a_visit_lies_inside_the_openings": gettext_noop("Every visit to come lies inside the hours of its provider."),
    "openings_of_a_resource_are_disjoint": gettext_noop("No open time is listed twice."),
    "an_override_says_who_and_why": gettext_noop("Every visit over the rules says who put it there and why."),
    "a_group_has_no_more_people_than_seats": gettext_noop("No group has more people than seats."),
    "a_seat_has_the_time_and_place_of_its_group": gettext_noop("Everybody in a group has the group's time and place."),
    "a_visit_is_for_a_patient_of_its_clinic": gettext_noop("Every visit is for a patient who is registered at its clinic."),
    "a_visit_uses_what_belongs_to_its_clinic": gettext_noop("Every visit uses providers, rooms and types of its own clinic."),
    "no_two_claims_on_one_resource_meet": gettext_noop("No time is sold twice."),
    "a_visit_claims_its_provider_room_and_device": gettext_noop("Every visit keeps its provider, room and device for itself."),
    "a_visit_claims_no_more_than_it_occupies": gettext_noop("No visit keeps more time than it takes."),
    "a_group_claims_its_time_while_a_seat_is_taken": gettext_noop("Every group keeps its time while somebody is in it."),
    "a_group_claims_nothing_once_it_is_empty": gettext_noop("An empty group keeps no time."),
    "a_hold_claims_what_it_keeps": gettext_noop("Every time that is being held is kept free for its holder."),
    "no_claim_outlives_its_hold": gettext_noop("A hold that ended keeps no time."),
    "every_claim_has_one_owner": gettext_noop("Every time that is taken belongs to one visit, group or hold."),
    "a_claim_expires_with_its_hold": gettext_noop("The time of a hold ends when the hold does."),
    "holds_that_ran_out_are_swept_away": gettext_noop("Holds that ran out are tidied away."),
}  # fmt: skip

RECORDS: Final[Mapping[str, str]] = {
    "every_visit_has_a_history_that_ends_where_it_stands": gettext_noop("Every visit's history ends where the visit stands."),
    "versions_rise_in_every_history": gettext_noop("Changes of a record are numbered in order."),
    "no_history_runs_ahead_of_its_record": gettext_noop("No history knows more than its record."),
    "a_booking_is_said_once": gettext_noop("Every booking was announced once."),
    "no_booking_is_said_that_never_was": gettext_noop("No booking was announced that never was."),
    "a_cancellation_is_said": gettext_noop("Every cancellation was announced."),
    "every_fact_is_delivered_within_minutes": gettext_noop("What happens is passed on within minutes."),
    "no_delivery_is_given_up": gettext_noop("Nothing that had to be passed on was given up."),
    "a_stored_answer_speaks_of_a_visit_that_exists": gettext_noop("Every answer that was kept speaks of a visit that exists."),
    "a_key_has_one_effect": gettext_noop("A form that was sent twice acted once."),
    "a_merge_that_stands_says_where_its_record_went": gettext_noop("Every record that became part of another says of which."),
    "a_merged_record_holds_nothing": gettext_noop("Nothing hangs on a record that became part of another."),
    "a_merged_record_leads_to_one_that_stays": gettext_noop("Every record that became part of another leads to one that is in use."),
    "every_guard_is_at_its_post": gettext_noop("The rules of the database itself are switched on."),
}  # fmt: skip

MESSAGES: Final[Mapping[str, str]] = {
    "every_upcoming_visit_has_its_reminders_planned": gettext_noop("Every visit to come has its reminders planned."),
    "no_reminder_rests_an_hour_past_its_time": gettext_noop("No reminder is an hour late."),
    "a_reminder_is_told_to_the_person_of_its_visit": gettext_noop("Every reminder went to the person of its visit."),
    "a_step_of_a_visit_is_told_on_one_channel": gettext_noop("Nothing about a visit was told twice."),
    "no_message_about_a_visit_was_begun_after_it_was_cancelled_or_moved": gettext_noop("Nobody was told of a time that was cancelled or moved before."),
    "no_cancellation_was_told_after_it_was_undone": gettext_noop("Nobody was told of a cancellation that was taken back before."),
    "every_offer_has_its_message_or_the_reason": gettext_noop("Everybody who was offered a time was told, or it is written down why not."),
    "no_offer_was_told_after_it_ended": gettext_noop("Nobody was told of an offer that had ended."),
    "every_proposal_has_its_message_or_the_reason": gettext_noop("Everybody whose visit was to be moved was told, or it is written down why not."),
    "no_proposal_was_told_after_it_was_settled": gettext_noop("Nobody was asked about a new time that was settled before."),
    "what_is_to_be_sent_does_not_rest": gettext_noop("Messages that are due are sent."),
    "no_message_that_was_given_up_waits_for_a_day": gettext_noop("No message that was given up waits a day for a person."),
}  # fmt: skip

OFFERS: Final[Mapping[str, str]] = {
    "a_freed_time_is_offered_to_no_more_than_are_asked_at_once": gettext_noop("A time that became free is offered to no more people than the clinic asks at once."),
    "a_freed_time_that_is_due_was_looked_at": gettext_noop("Every time that became free was looked at for whoever waits."),
    "a_standing_offer_has_its_time_held": gettext_noop("Every time that is offered to somebody is kept free for them."),
    "a_standing_offer_is_of_a_time_that_is_open": gettext_noop("Nobody is offered a time that is gone."),
    "a_standing_offer_is_of_a_wish_that_says_so": gettext_noop("Every offer belongs to somebody who waits for one."),
    "a_wish_with_an_offer_has_one_that_stands": gettext_noop("Whoever counts as asked has an offer that stands."),
    "a_wish_that_was_met_has_one_accepted_offer": gettext_noop("Every wish that was met has one accepted offer."),
    "an_accepted_offer_is_a_visit_of_its_person": gettext_noop("Every accepted offer became a visit of the person who accepted."),
    "a_time_that_the_list_filled_was_accepted_once": gettext_noop("No time was given to two people who wait."),
    "a_time_is_held_for_nobody_but_whoever_is_asked": gettext_noop("No time is kept free for nobody."),
    "an_offer_that_ran_out_is_ended": gettext_noop("Offers that ran out are ended."),
    "no_offer_was_made_after_its_time_began": gettext_noop("Nobody was offered a time that had begun."),
    "a_displaced_visit_has_one_open_row": gettext_noop("Every visit whose time was closed is on one list of visits to be moved."),
    "an_open_row_is_of_a_visit_that_is_displaced": gettext_noop("Every visit on a list to be moved does need a new time."),
    "a_proposed_time_is_held": gettext_noop("Every new time that was proposed is kept free until it is answered."),
    "a_proposal_that_ran_out_is_ended": gettext_noop("Proposals that ran out are ended."),
    "nothing_is_held_for_a_visit_that_needs_no_time": gettext_noop("No time is kept free for a visit that needs none."),
    "no_batch_waits_forgotten": gettext_noop("Whatever was asked for many visits at once is carried out."),
    "what_a_batch_cancelled_was_cancelled": gettext_noop("Every visit that counts as cancelled among many was cancelled."),
    "what_a_batch_moved_was_moved": gettext_noop("Every visit that counts as moved among many was moved."),
}  # fmt: skip

WEBHOOKS: Final[Mapping[str, str]] = {
    "a_webhook_tells_of_visits_of_its_own_clinic": gettext_noop("No other system is told of another clinic's visits."),
    "every_delivered_webhook_says_when_and_what_was_answered": gettext_noop("Whatever another system was told has its answer written down."),
    "no_webhook_rests_past_its_time": gettext_noop("Other systems are told in time."),
}  # fmt: skip

# What to do when a promise of this kind is broken.
_ADVICE: Final = {
    "visits": gettext_noop(
        "Look at the days ahead in the calendar before you book more. Whoever runs the system finds the visits by "
        "`manage.py verify`, which names them by identifier, and corrects them there."
    ),
    "records": gettext_noop(
        "Nothing in the calendar is wrong by this alone. Whoever runs the system finds the records by `manage.py verify`, "
        "and what to do with each in docs/operations/self-check.md."
    ),
    "messages": gettext_noop(
        "Open the page of messages and call whom it lists. Whoever runs the system finds the rest by `manage.py verify`."
    ),
    "offers": gettext_noop(
        "Look at who waits, and at the visits to be moved, before you rely on an offer. Whoever runs the system finds the "
        "rows by `manage.py verify`, and what to do with each in docs/operations/self-check.md."
    ),
    "webhooks": gettext_noop(
        "Look at the page of webhooks: what was given up can be sent again there. Whoever runs the system finds the rest "
        "by `manage.py verify`."
    ),
    "other": gettext_noop("Whoever runs the system finds what is wrong by `manage.py verify`."),
}
_AREAS: Final[Mapping[str, Mapping[str, str]]] = {
    "visits": VISITS,
    "records": RECORDS,
    "messages": MESSAGES,
    "offers": OFFERS,
    "webhooks": WEBHOOKS,
}
PROMISES: Final = frozenset(name for promises in _AREAS.values() for name in promises)


def promise_in_words(name: str) -> str:
    """Return a promise as a sentence; a check's name is one already, of which nothing else is known."""
    for promises in _AREAS.values():
        if name in promises:
            return _(promises[name])
    return name.replace("_", " ").capitalize() + "."


def advice(name: str) -> str:
    """Return what to do next where this promise is broken."""
    area = next((area for area, promises in _AREAS.items() if name in promises), "other")
    return _(_ADVICE[area])
