"""Why a message waits, was not sent, or was given up: the codes that rows keep. Pages put them into words."""

import enum


class Why(enum.StrEnum):
    """One reason. Stored in `Message.reason`, `Reminder.reason` and `MessageEvent.detail`; 40 characters at most."""

    # Waiting: looked at again by itself, and no attempt used up.
    QUIET_HOURS = "quiet_hours"
    HOURLY_CAP = "hourly_cap"
    UNDO_WINDOW = "undo_window"
    RETRY = "retry"
    SERVICE_AWAY = "service_away"  # its breaker is open
    THROTTLED = "throttled"  # we, or the service, limit the rate
    RETRY_BUDGET = "retry_budget"
    LOOKING_UP = "looking_up"  # nobody knows yet whether the last attempt was accepted

    # Skipped: it was right not to send it.
    VISIT_CANCELLED = "visit_cancelled"
    VISIT_MOVED = "visit_moved"
    VISIT_DISPLACED = "visit_displaced"  # time off took its time, and another one is being found
    VISIT_OVER = "visit_over"  # arrived, completed, missed
    VISIT_BEGUN = "visit_begun"
    NOT_CANCELLED = "not_cancelled"  # the cancellation was undone
    NOTHING_NEW = "nothing_new"  # moved back to the time that was told last
    RECORD_CLOSED = "record_closed"  # the patient is no longer one of the clinic's, or died
    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"
    OPTED_OUT = "opted_out"
    ADDRESS_FAILS = "address_fails"  # known not to receive anything
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"  # a later step was due as well
    BOOKED_LATER = "booked_later"  # its time had passed when the visit was booked
    BEGINS_NOW = "begins_now"  # the person is here, or nearly: a walk-in, or booked for within minutes
    JUST_TOLD = "just_told"  # booked or moved shortly before
    STEP_DROPPED = "step_dropped"  # the clinic took this step out of its reminders
    JOINED = "joined"  # told in one message with another visit of the same person
    PART_OF_A_SERIES = "part_of_a_series"  # the first visit of a series is confirmed for all of them
    CLINIC_SENDS_NONE = "clinic_sends_none"
    OFFER_ANSWERED = "offer_answered"  # by another way, before its message was sent
    OFFER_RAN_OUT = "offer_ran_out"
    OFFER_TAKEN = "offer_taken"  # somebody else was first
    OFFER_WITHDRAWN = "offer_withdrawn"
    PROPOSAL_ANSWERED = "proposal_answered"
    PROPOSAL_RAN_OUT = "proposal_ran_out"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    NOT_IN_LINE = "not_in_line"  # not there, or called already

    # Given up, or not delivered: a person looks.
    ATTEMPTS_USED_UP = "attempts_used_up"
    REFUSED = "refused"  # the service will never take it as it is
    UNDELIVERABLE = "undeliverable"  # the address cannot receive it
    CANNOT_BE_WRITTEN = "cannot_be_written"  # its words cannot be made
    WORKER_LOST = "worker_lost"  # each attempt killed its worker
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    DISCARDED = "discarded"

    # Of a reply: why a person has to look.
    ASKED_BY_LINK = "asked_by_link"  # wants to be called, and said so on the page of a message's link
    ASKED_BY_REPLY = "asked_by_reply"  # wants to be called, and answered so
    UNCLEAR_WORDS = "unclear_words"
    TWO_VISITS = "two_visits"  # could mean either of two visits that were asked about separately
    NOTHING_ASKED = "nothing_asked"  # no visit to come was asked about
    UNKNOWN_NUMBER = "unknown_number"  # of nobody whom we know
    SAYS_CANCEL = "says_cancel"  # stops messages, but may mean the visit
    ASKS_FOR_HELP = "asks_for_help"
    CANNOT_BE_TAKEN = "cannot_be_taken"  # said yes to a time, and it could not be booked
