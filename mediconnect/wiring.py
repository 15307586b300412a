"""Who hears which fact. With `schedule.py`, all that ever happens by itself.

A fact published by a service is delivered once to each function named beside its event, in a transaction of its own.
No order between deliveries is promised, so each handler reads the present state.
"""

from typing import Final

from appointments import events as appointments
from mediconnect.accounts import events as accounts
from providers import events as providers

HANDLERS: Final[dict[type, tuple[str, ...]]] = {
    accounts.PasswordResetRequested: ("notifications.handlers.write_password_reset",),
    accounts.ColleagueInvited: ("notifications.handlers.write_colleague_invited",),
    accounts.PasswordChanged: ("notifications.handlers.write_password_changed",),
    accounts.PatientInvited: ("notifications.handlers.write_invitation",),
    accounts.AccountCodeRequested: ("notifications.handlers.write_account_code",),
    accounts.EmailCheckRequested: ("notifications.handlers.write_email_check",),
    appointments.AppointmentBooked: ("notifications.handlers.write_booked", "notifications.handlers.queue_hook_calls"),
    appointments.AppointmentMoved: ("notifications.handlers.write_moved", "notifications.handlers.queue_hook_calls"),
    appointments.AppointmentCancelled: (
        "notifications.handlers.write_cancelled",
        "notifications.handlers.queue_hook_calls",
    ),
    appointments.AppointmentAdvanced: ("notifications.handlers.queue_hook_calls",),
    appointments.AppointmentStepUndone: (
        "notifications.handlers.write_back",
        "notifications.handlers.queue_hook_calls",
    ),
    appointments.ProposalRanOut: ("appointments.handlers.end_proposal",),
    # Closed time that is open again: what it displaced stays as it was.
    providers.TimeOffChanged: ("appointments.handlers.restore_after_time_off",),
    providers.ClosureChanged: ("appointments.handlers.restore_after_closure",),
    providers.HoursChanged: ("appointments.handlers.restore_after_hours",),
    appointments.BatchItemAsked: ("appointments.handlers.work_batch_item",),
    appointments.BatchUndoAsked: ("appointments.handlers.undo_batch_item",),
    appointments.TimeFreed: ("appointments.handlers.offer_freed_time",),
    appointments.OfferRanOut: ("appointments.handlers.end_offer",),
    appointments.OfferMade: ("notifications.handlers.write_offer",),
    appointments.OfferEnded: ("notifications.handlers.write_offer_over",),
    appointments.ProposalMade: ("notifications.handlers.write_proposal",),
    appointments.ProposalWithdrawn: ("notifications.handlers.write_proposal_over",),
    appointments.BatchNoteAsked: ("notifications.handlers.write_note",),
    appointments.TicketGiven: ("notifications.handlers.write_place",),
    appointments.ProviderRunsLate: ("notifications.handlers.write_late",),
}
