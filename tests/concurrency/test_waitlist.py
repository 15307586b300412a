"""Everybody at once after one freed time: one has it, the others keep their place, and no offer is ever lost."""

import datetime as dt
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from appointments.models import Appointment, Claim, FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.services.cancelling import cancel_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.waitlist import answering
from appointments.services.waitlist.answering import accept_offer, decline_offer
from appointments.services.waitlist.ending import expire_offer
from appointments.services.waitlist.leaving import withdraw_entry
from appointments.services.waitlist.offering import offer_now
from appointments.services.waitlist.repairing import sweep_waitlist
from appointments.tasks import mend_waitlist
from mediconnect.api.versions import Expected
from mediconnect.operations.verifying import broken
from mediconnect.outbox.models import Delivery
from mediconnect.outbox.services.relaying import relay
from mediconnect.schedule import SCHEDULE
from tests.appointments.conftest import SmallClinic
from tests.appointments.waitlist.line import Line, run_out
from tests.concurrency.clinics import second_provider
from tests.concurrency.guards import everybody_looks_before_anybody_writes, without_constraint
from tests.concurrency.racing import patient_api, race, refusal_of, sending, tally
from tests.counts import rounds
from tests.processes import environment_of_the_test_database

pytestmark = pytest.mark.race

# What may be answered to whoever is not the one: each is a 409.
LOST = {"offer-over", "slot-taken", "version-conflict", "invalid-transition", "patient-overlap"}


@pytest.fixture
def line(place: SmallClinic) -> Line:
    return Line(place)


def all_wait(crowd: SmallClinic) -> tuple[Line, FreedTime, list[WaitlistEntry]]:
    """Let everybody but the last wait, and ask all of them for one time."""
    line = Line(crowd)
    line.policy(at_once=50)
    entries = [line.wait(number) for number in range(len(crowd.patients))]
    freed = FreedTime.objects.create(
        clinic=crowd.clinic,
        provider=crowd.provider,
        starts_at=crowd.at(9),
        ends_at=crowd.at(9, 30),
        cause="cancelled",
        offer_from=timezone.now(),
    )
    assert len(line.offered(freed)) == len(entries)
    return line, freed, entries


def test_of_fifty_who_accept_one_time_one_has_it_and_the_others_keep_their_place(
    crowd: SmallClinic, isolation: str
) -> None:
    line, freed, entries = all_wait(crowd)
    joined = {entry.pk: entry.joined_at for entry in entries}
    offers = {offer.entry.patient_id: offer for offer in line.live(freed)}
    actions = [
        sending(patient_api(user), f"waitlist/offers/{offers[patient.pk].pk}/accept/", {})
        for user, patient in zip(crowd.users, crowd.patients, strict=True)
    ]
    assert tally(race(actions)) == {"200": 1, "409 offer-over": 49}
    assert Appointment.objects.count() == Claim.objects.count() == 1
    assert Counter(WaitlistEntry.objects.values_list("state", flat=True)) == {"accepted": 1, "waiting": 49}
    assert dict(WaitlistEntry.objects.values_list("pk", "joined_at")) == joined
    assert WaitlistOffer.objects.exclude(too_late_at=None).count() == 49
    again = FreedTime.objects.create(
        clinic=crowd.clinic,
        provider=crowd.provider,
        starts_at=crowd.at(11),
        ends_at=crowd.at(11, 30),
        cause="cancelled",
        offer_from=timezone.now(),
    )
    line.policy(at_once=1)
    (offer,) = line.offered(again)
    won = WaitlistEntry.objects.get(state="accepted").pk
    assert offer.entry_id == next(entry.pk for entry in entries if entry.pk != won)


@contextmanager
def nobody_queues_or_is_overtaken() -> Iterator[None]:
    """Let answers look and write as they come, and the first to accept end nobody else's offer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "lock_resources", lambda _resources: None)
        patch.setattr(answering, "lock_patient_of", lambda _entry: None)
        patch.setattr(answering, "lock_entries", lambda _entries: {})
        patch.setattr(answering, "lock_freed_time", lambda pk: FreedTime.objects.get(pk=pk))
        patch.setattr(answering, "end_offers", lambda *_words: [])
        yield


def test_control_unguarded_several_have_one_time(crowd: SmallClinic) -> None:
    line, freed, _ = all_wait(crowd)
    with ExitStack() as stack:
        stack.enter_context(without_constraint("appointments_claim", "a_resource_is_claimed_once"))
        stack.enter_context(without_constraint("appointments_waitlistoffer", "a_freed_time_is_accepted_once"))
        stack.enter_context(nobody_queues_or_is_overtaken())
        stack.enter_context(everybody_looks_before_anybody_writes(6))
        actions = [
            refusal_of(partial(accept_offer, offer_id=offer.pk, caller=crowd.staff)) for offer in line.live(freed)[:6]
        ]
        outcomes = Counter(race(actions))
        assert outcomes["done"] > 1, outcomes


def test_a_yes_a_move_and_a_cancellation_in_a_circle(line: Line, isolation: str) -> None:
    """One accepts and so leaves 11:00 for 9:00, the desk moves another to 11:00, and the first's visit is cancelled."""
    place, seen = line.place, Counter[tuple[str, ...]]()
    for number in range(rounds(quick=20, full=250)):
        days = 2 + number % 25
        leaves, moves = line.visit(place.at(11, days=days), 1), line.visit(place.at(14, days=days), 2)
        entry = line.wait(1, appointment_id=leaves.pk, until_date=place.at(9, days=days).date())
        freed = line.freed(place.at(9, days=days), 0)
        (offer,) = line.offered(freed)
        acts = [
            refusal_of(partial(accept_offer, offer_id=offer.pk, caller=place.patient_caller(1))),
            moving(moves, place.at(11, days=days), place),
            cancelling(leaves, place),
        ]
        # From one barrier, and each of them a little behind it in turn: else the shortest act would always be first.
        outcome = tuple(race([partial(behind, 0.006 * ((number + turn) % 4), act) for turn, act in enumerate(acts)]))
        assert set(outcome) <= LOST | {"done"}, outcome
        assert outcome[0] == "done" or outcome[2] == "done", outcome
        seen[outcome] += 1
        clear(place, entry)
    assert [str(found) for found in broken()] == []
    assert len(seen) > 1, seen


def behind(seconds: float, act: Callable[[], str]) -> str:
    """Act a moment later."""
    time.sleep(seconds)
    return act()


def moving(visit: Appointment, start: dt.datetime, place: SmallClinic) -> Callable[[], str]:
    """Return the desk's move of a visit that it has just seen."""
    expected = Expected(visit.version, by_header=False)
    return refusal_of(
        partial(reschedule_appointment, appointment_id=visit.pk, start=start, expected=expected, caller=place.staff)
    )


def cancelling(visit: Appointment, place: SmallClinic) -> Callable[[], str]:
    """Return the desk's cancellation of a visit that it has just seen."""
    return refusal_of(
        partial(
            cancel_appointment,
            appointment_id=visit.pk,
            reason="clinic_other",
            expected=Expected(visit.version, by_header=False),
            caller=place.staff,
        )
    )


def clear(place: SmallClinic, entry: WaitlistEntry) -> None:
    """Let the next round find an empty calendar and an empty list."""
    refusal_of(partial(withdraw_entry, entry_id=entry.pk, caller=place.staff))()
    for visit in Appointment.objects.filter(status__in=["booked", "confirmed"]):
        cancelling(visit, place)()
    FreedTime.objects.filter(state="open").update(state="over", closed_at=Now())


def test_a_yes_at_the_very_moment_at_which_the_offer_runs_out(line: Line, isolation: str) -> None:
    place, won = line.place, Counter[str]()
    for number in range(rounds(quick=6, full=100)):
        days = 2 + number % 25
        entries = [line.wait(1), line.wait(2)]
        WaitlistEntry.objects.filter(state="waiting").update(until_date=place.at(9, days=40).date())
        freed = line.freed(place.at(9, days=days), 0)
        (offer,) = line.offered(freed)
        moment = timezone.now() + dt.timedelta(seconds=0.4)
        WaitlistOffer.objects.filter(pk=offer.pk).update(expires_at=moment)
        early = dt.timedelta(milliseconds=12 * (number % 6))

        def at(when: dt.datetime, act: Callable[[], object]) -> str:
            time.sleep(max(0.0, (when - timezone.now()).total_seconds()))
            return refusal_of(act)()

        accept = partial(accept_offer, offer_id=offer.pk, caller=place.patient_caller(1))
        said, _ = race(
            [partial(at, moment - early, accept), partial(at, moment, partial(expire_offer, offer_id=offer.pk))]
        )
        expire_offer(offer_id=offer.pk)  # as the sweeper would
        offer.refresh_from_db()
        assert (said, offer.state) in {("done", "accepted"), ("offer-over", "expired")}
        won[offer.state] += 1
        next_one = [one.entry_id for one in line.live(freed)]
        assert next_one == ([] if said == "done" else [entries[1].pk])
        for entry in entries:
            clear(place, entry)
    assert [str(found) for found in broken()] == []


def test_whoever_is_told_twice_offers_once(line: Line, isolation: str) -> None:
    line.wait(1)
    line.wait(2)
    freed = line.freed(line.place.at(9), 0)
    race([partial(offer_now, freed_time_id=freed.pk)] * 8)
    (offer,) = line.live(freed)
    run_out(offer)
    race([partial(expire_offer, offer_id=offer.pk)] * 6 + [sweep_waitlist] * 2)
    (second,) = line.live(freed)
    assert second.entry.patient == line.place.patients[2]
    assert WaitlistOffer.objects.count() == 2
    assert Hold.objects.count() == 1


def test_several_times_at_once_ask_several_people_once_each(crowd: SmallClinic) -> None:
    line = Line(crowd)
    for number in range(20):
        line.wait(number)
    times = [line.freed(crowd.at(8 + number // 2, 30 * (number % 2)), 49) for number in range(16)]
    race([partial(offer_now, freed_time_id=freed.pk) for freed in times])
    mend_waitlist()
    live = WaitlistOffer.objects.filter(state="offered")
    assert live.count() == 16
    assert live.values("entry").distinct().count() == 16


def test_a_no_and_a_goodbye_at_once_pass_the_offer_on_once(line: Line) -> None:
    for number in range(rounds(quick=4, full=60)):
        days = 2 + number % 25
        entry, second = line.wait(1), line.wait(2)
        WaitlistEntry.objects.filter(state="waiting").update(until_date=line.place.at(9, days=40).date())
        freed = line.freed(line.place.at(9, days=days), 0)
        (offer,) = line.offered(freed)
        actions = [
            refusal_of(partial(decline_offer, offer_id=offer.pk, caller=line.place.patient_caller(1))),
            refusal_of(partial(withdraw_entry, entry_id=entry.pk, caller=line.place.staff)),
        ]
        assert set(race(actions)) <= {"done", "offer-over"}
        entry.refresh_from_db()
        assert entry.state == "withdrawn"
        assert [one.entry_id for one in line.live(freed)] == [second.pk]
        clear(line.place, second)


def test_two_clinics_hours_apart_do_not_wait_for_each_other(line: Line) -> None:
    other = second_provider(line.place)
    line.wait(1, providers=[line.place.provider.pk])
    line.wait(2, providers=[other.pk])
    times = [line.freed(line.place.at(9), 0), line.freed(line.place.at(9), 0, provider_id=other.pk)]
    race([partial(offer_now, freed_time_id=freed.pk) for freed in times])
    mend_waitlist()
    assert sorted(line.asked(times[0]) + line.asked(times[1])) == [1, 2]


def killed(moment: str) -> int:
    """Return how a worker ended that is killed while it offers: minus the signal."""
    return subprocess.run(
        [sys.executable, "-m", "tests.concurrency.waitlist_process", moment],
        env=environment_of_the_test_database(),
        timeout=120,
        check=False,
    ).returncode


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_between_the_cancellation_and_the_offer_loses_nothing(line: Line, moment: str) -> None:
    line.wait(1)
    visit = line.visit(line.place.at(9), 0)
    Delivery.objects.update(state="done", done_at=Now())  # nobody is to hear of the booking here
    freed = line.cancel(visit, 0)
    Delivery.objects.pending().exclude(fact__name="appointments.TimeFreed").update(state="done", done_at=Now())
    assert killed(moment) == -signal.SIGKILL
    assert line.live(freed) == []
    assert not Hold.objects.exists()
    (job,) = [job for job in SCHEDULE if job.function == "appointments.tasks.mend_waitlist"]
    assert job.minutes == 1  # so the offer comes within sixty seconds, though the killed worker's lease runs on
    mend_waitlist()
    (offer,) = line.live(freed)
    Delivery.objects.pending().update(lease_until=Now() - dt.timedelta(seconds=1), due_at=Now())
    relay()  # and the fact, heard late, changes nothing
    assert line.live(freed) == [offer]
