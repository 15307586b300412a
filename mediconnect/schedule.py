"""What runs when. With `wiring.py`, all that ever happens by itself.

`manage.py schedules` writes this table into the queue; a worker executes no function that stands neither here nor in
`ON_DEMAND`, whatever somebody wrote into the queue's tables. Times are UTC: a clock change would run a job twice or never.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One line of the table: a function without arguments, each so many minutes or at the times of a cron line."""

    name: str
    function: str
    minutes: int | None = None
    cron: str | None = None
    cluster: str = "default"

    def __post_init__(self) -> None:
        """Refuse a line with no time or with two."""
        if (self.minutes is None) == (self.cron is None):
            message = f"{self.name} needs either minutes or a cron line."
            raise ValueError(message)


SCHEDULE: Final[tuple[Job, ...]] = (
    # The queue only wakes the relay; this finds what a lost wake-up left behind.
    Job(name="outbox sweep", function="mediconnect.outbox.tasks.relay_due", minutes=1),
    # A wake-up comes with each message; this finds what waits for its time, or was left by a sender that died.
    Job(name="due messages", function="notifications.tasks.send_due", minutes=1, cluster="notifications"),
    # As with messages. In the cluster of the polls, so that waiting for others' programs keeps no fact and no message.
    Job(name="due webhooks", function="notifications.tasks.send_hook_calls", minutes=1, cluster="reminders"),
    Job(name="reminder poll", function="notifications.tasks.poll_reminders", minutes=5, cluster="reminders"),
    # Bookings plan their reminders by a fact; imports and loads have none.
    Job(name="visits without a plan", function="notifications.tasks.plan_missing", minutes=10, cluster="reminders"),
    # A webhook that no longer reaches us is silent; this notices.
    Job(name="callbacks of services", function="notifications.tasks.check_callbacks", cron="40 * * * *"),
    # Expired holds block nobody (reads and bookings ignore them); this keeps the table small.
    Job(name="expired holds", function="appointments.tasks.release_expired_holds", minutes=1),
    # A fact ends each proposal in time; this finds what a lost one left behind, and times that were held and never sent.
    Job(name="proposals that ran out", function="appointments.tasks.end_proposals", minutes=1),
    # Freed time is offered by its fact, and offers end by theirs; this finds what a lost one or a killed worker left.
    Job(name="waitlist", function="appointments.tasks.mend_waitlist", minutes=1),
    # A clinic that wants it has whoever will wait told before they leave home.
    Job(name="running late", function="appointments.tasks.tell_late", minutes=5),
    # What is forced by hand survives a flush of Redis for less than a minute's calls.
    Job(name="breakers by hand", function="mediconnect.resilience.tasks.mirror_breakers", minutes=1),
    Job(name="horizon roll", function="providers.tasks.roll_horizon", cron="15 3 * * *"),
    Job(name="idempotency reap", function="mediconnect.idempotency.tasks.reap_expired", cron="5 * * * *"),
    Job(name="session and token clean-up", function="mediconnect.accounts.tasks.clean_up", cron="35 3 * * *"),
    Job(name="message clean-up", function="notifications.tasks.clean_up", cron="25 3 * * *"),
    # Two minutes past, so that a visit booked on the hour is on it. What a clinic has left when nothing else works.
    Job(name="day sheets", function="mediconnect.portal.tasks.keep_day_sheets", cron="2 * * * *"),
    # Before the other jobs of the night, so that a morning's first look finds its answer.
    Job(name="self-check", function="mediconnect.operations.tasks.begin_self_check", cron="45 2 * * *"),
    # A turn asks for the next one; this goes on with a check whose worker died.
    Job(name="self-check under way", function="mediconnect.operations.tasks.continue_self_check", minutes=5),
    # An upload wakes a worker; this goes on with an import whose worker died.
    Job(name="imports under way", function="mediconnect.operations.tasks.work_imports", minutes=1),
    Job(name="files of imports", function="mediconnect.operations.tasks.forget_files", cron="20 * * * *"),
    Job(name="queue clean-up", function="mediconnect.operations.tasks.purge_queue_results", cron="50 * * * *"),
)

# Called by a wake-up, or by a cluster to show that it makes progress.
ON_DEMAND: Final = frozenset(
    {
        "mediconnect.outbox.tasks.relay_due",
        "notifications.tasks.send_due",
        "notifications.tasks.send_hook_calls",
        "mediconnect.health.tasks.beat",
    }
)

ALLOWED_FUNCTIONS: Final = ON_DEMAND | {job.function for job in SCHEDULE}
