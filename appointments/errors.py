"""Why a visit cannot be booked, moved or changed, in words for the person who asked."""

from collections.abc import Sequence
from typing import Any

from mediconnect.errors import DomainError


class SlotTaken(DomainError):
    """Somebody else has the time. `alternatives` lists up to three free starts."""

    code, status, title = "slot-taken", 409, "The time is taken"
    sentence = "Somebody else has this time. Choose one of “alternatives”, or ask for free times again."


class PatientOverlap(DomainError):
    """The patient is elsewhere at that time. `appointment` is named where the caller may see it."""

    code, status, title = "patient-overlap", 409, "The patient has another visit then"
    sentence = "The patient already has a visit that overlaps this time."


class RuleRefusal(DomainError):
    """A rule of the clinic says no; `explain` names it."""

    status = 422
    rule = ""

    def __init__(self, detail: str = "", **extra: Any) -> None:
        explain = {"rule": self.rule, **extra.pop("explain", {})}
        super().__init__(detail, explain=explain, **extra)


class OutsideAvailability(RuleRefusal):
    """Nobody works then, or not for this type of visit."""

    code, title, rule = "outside-availability", "The time is outside the openings", "hours"
    sentence = "The provider has no opening for this type of visit at that time."


class TooSoon(RuleRefusal):
    """The clinic wants more notice."""

    code, title, rule = "too-soon", "The time is too soon", "notice"
    sentence = "This clinic takes online bookings only with more notice. Please call the clinic."


class TooFar(RuleRefusal):
    """The calendar is not open that far ahead."""

    code, title, rule = "too-far", "The time is too far ahead", "horizon"
    sentence = "This clinic's calendar is not open that far ahead yet."


class NotBookableOnline(RuleRefusal):
    """This type is booked by the clinic itself."""

    code, title, rule = "not-bookable-online", "This type of visit is not booked online", "online"
    sentence = "This type of visit is booked by the clinic. Please call."


class DailyLimit(RuleRefusal):
    """The provider's day has enough visits of this type."""

    code, title, rule = "daily-limit", "The day is full for this type of visit", "daily_limit"
    sentence = "The provider sees no more visits of this type on that day. Choose another day."


class BookingLimit(RuleRefusal):
    """The patient has as many open bookings as the clinic allows."""

    code, title, rule = "booking-limit", "There are enough open bookings already", "booking_limit"
    sentence = (
        "The patient has as many upcoming visits with this provider as may be booked online. Please call the clinic."
    )


class BookingLimitOfType(BookingLimit):
    """The patient has as many open bookings of this type as the type allows."""

    sentence = "The patient has as many upcoming visits of this type as may be booked online. Please call the clinic."


class BookingLimitAtAll(BookingLimit):
    """The patient has as many open bookings as the clinic allows, with whomever."""

    sentence = "The patient has as many upcoming visits at this clinic as may be booked online. Please call the clinic."


class CancelLimit(RuleRefusal):
    """The patient cancelled as many visits alone today as the clinic allows."""

    code, title, rule = "cancel-limit", "Enough visits were cancelled online today", "cancel_limit"
    sentence = "No more visits of this patient can be cancelled online today. Please call the clinic."


class GroupLength(RuleRefusal):
    """A group shares one time, so that no visit in it has a length of its own."""

    code, title, rule = "group-length", "A group's visit has the group's length", "group_length"
    sentence = "This type of visit is shared by a group and lasts as long as the group does. Leave its length as it is."


class TooLateToCancel(RuleRefusal):
    """The cut-off for cancelling alone has passed."""

    code, title, rule = "too-late-to-cancel", "It is too late to cancel online", "cancel_cutoff"
    sentence = "This visit can no longer be cancelled online. Please call the clinic."


class TooLateToMove(RuleRefusal):
    """The cut-off for moving alone has passed."""

    code, title, rule = "too-late-to-move", "It is too late to move the visit online", "move_cutoff"
    sentence = "This visit can no longer be moved online. Please call the clinic."


class OverbookingBudgetSpent(RuleRefusal):
    """As many visits of that day as this role may put over the rules are there already."""

    code, title, rule = "overbooking-budget", "The day's budget for overriding is used up", "overbooking_budget"
    sentence = "As many visits of that day as your role may put over the rules are there. Choose a free time, or ask whoever runs the clinic."


class HoldMismatch(RuleRefusal):
    """The hold keeps another time than the one asked for."""

    code, title, rule = "hold-mismatch", "The hold is for something else", "held"
    sentence = "The hold keeps another provider, type or time than this booking asks for."


class HoldLimit(RuleRefusal):
    """One caller holds as many times as one may."""

    code, title, rule = "hold-limit", "Enough times are held already", "hold_limit"
    sentence = "You hold as many times as one person may. Book or release one of them first."


class InvalidTransition(DomainError):
    """The visit is not where this step starts from."""

    code, status, title = "invalid-transition", 409, "The visit is not ready for this step"
    sentence = "The visit's status does not allow this step."


class UndoExpired(DomainError):
    """The moment for taking it back has passed."""

    code, status, title = "undo-expired", 409, "It is too late to undo this"
    sentence = "A cancellation can be undone for two minutes. Book the visit again."


class NotWaiting(DomainError):
    """There is nobody to call under this number."""

    code, status, title = "not-waiting", 409, "Nobody waits under this number"
    sentence = "This visit has no number, or its patient is not in the waiting room any more."


class NothingToUndo(DomainError):
    """The visit has not taken a step that could be taken back."""

    code, status, title = "nothing-to-undo", 409, "There is nothing to undo"
    sentence = "This visit has not taken a step that could be undone."


class NoSecondProvider(RuleRefusal):
    """Nobody can be there as well, or not this one."""

    code, title, rule = "no-second-provider", "This visit cannot have that second provider", "second_provider"
    sentence = "A visit has two providers at most, who are two people, and a group has one. Choose another one or none."


class OtherDay(RuleRefusal):
    """A visit that is shifted by minutes would leave its day."""

    code, title, rule = "other-day", "The visit would leave its day", "same_day"
    sentence = "So many minutes would take the visit to another day. Move it by itself."


class NothingToMove(DomainError):
    """The visit is where it is to go."""

    code, status, title = "nothing-to-move", 409, "The visit is there already"
    sentence = "The visit is with this provider at this time already."


class BatchOver(DomainError):
    """What was asked of a batch comes too late for it."""

    code, status, title = "batch-over", 409, "There is nothing left to do"
    sentence = "Nothing of this is waiting, refused or to be taken back any more."


class ProposalOver(DomainError):
    """The proposed time is not kept any more. `state` says what became of it."""

    code, status, title = "proposal-over", 409, "This proposal has ended"
    sentence = "The proposed time is not kept for this visit any more. Please call the clinic for another time."


class PeopleAreHere(DomainError):
    """Time off cannot begin over people who are already at the clinic. `here` lists the visits, `after` is when they end."""

    code, status, title = "people-are-here", 409, "Somebody is here already"
    sentence = (
        "Patients of this time are at the clinic already, so their visits are not moved by itself. Let the time off begin "
        "after them, or open each visit and take its arrival back, hand it over or complete it."
    )

    def __init__(self, detail: str = "", *, here: Sequence[Any] = (), **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.here = here


class AnsweredAlready(DomainError):
    """A patient has answered, so that not everything can be as it was."""

    code, status, title = "answered-already", 409, "Somebody has answered already"
    sentence = (
        "A visit has moved or its patient has answered, so this cannot be undone as a whole. Withdraw the time off or the "
        "closure instead: every visit that still waits for a new time then stays as it was."
    )


class OfferOver(DomainError):
    """An offer of the waitlist does not stand any more; `state` says how it ended."""

    code, status, title = "offer-over", 409, "The offer is over"
    sentence = "This offer does not stand any more. You keep your place on the waitlist."


class AlreadyWaiting(DomainError):
    """The patient waits for this type of visit already; `entry` names the wish."""

    code, status, title = "already-waiting", 409, "The patient is on the waitlist already"
    sentence = "The patient waits for this type of visit already. Change that wish instead."


class WishClosed(DomainError):
    """A wish that was met, withdrawn or ran out is not changed any more."""

    code, status, title = "wish-closed", 409, "The wish is closed"
    sentence = "This wish was met, withdrawn or ran out. Join the waitlist again."


class WishPast(DomainError):
    """The last day of a wish is over, or the visit that it would bring forward begins before its first day."""

    code, status, title = "wish-past", 422, "There is no time left in the wish"
    sentence = "No day is left on which this wish could be met. Choose later days."


class NothingSooner(DomainError):
    """What a wish would bring forward is not there to be moved."""

    code, status, title = "nothing-to-bring-forward", 422, "The visit cannot be brought forward"
    sentence = "The visit is over, has begun, or is of another type or person than the wish."


class SeriesConflicts(DomainError):
    """Some times of a series are not to be had. `plan` is the series as it would be now, for the door to show."""

    code, status, title = "series-conflicts", 409, "Some times of the series are taken"
    sentence = "Nothing was written. Choose another time for each visit of “plan” that is not free, or leave it out."

    def __init__(self, plan: Any) -> None:
        super().__init__()
        self.plan = plan


class SeriesOver(DomainError):
    """None of the visits that were meant is still to come."""

    code, status, title = "series-over", 409, "There is nothing left to change"
    sentence = "None of these visits is still to come: they are over, under way or cancelled. Read the series again."


class TooManyFeeds(DomainError):
    """Each is an address that opens a calendar to whoever has it."""

    code, status, title = "too-many-feeds", 409, "There are ten addresses already"
    sentence = "Revoke one that is not read any more, then make this one."
