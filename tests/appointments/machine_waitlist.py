"""What may be asked of the waitlist, in any order, beside bookings; joined into the machine of the clinic."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from appointments.models import FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.services.waitlist.answering import accept_offer, decline_offer
from appointments.services.waitlist.ending import expire_offer
from appointments.services.waitlist.joining import Wishing, join_waitlist
from appointments.services.waitlist.leaving import withdraw_entry
from appointments.services.waitlist.offering import offer_now
from mediconnect.errors import DomainError
from notifications.models import MessagePolicy
from tests.appointments.machine import TwoClinics, outcome
from tests.appointments.model import Kind, Visit
from tests.appointments.model_waitlist import Freed, Offer, Waiting
from tests.appointments.waitlist.line import run_out

which = st.integers(0, 11)
people = st.integers(0, 2)


def answered(action: Callable[[], object]) -> str:
    """Return `done`, or the code of the refusal; what is written on the way to one, as that a yes came too late, is kept."""
    try:
        action()
    except DomainError as error:
        return error.code
    return "done"


class WaitlistRules(TwoClinics):
    """Join, leave, offer, accept, decline, run out."""

    def __init__(self) -> None:
        super().__init__()
        self.wishes: dict[Waiting, uuid.UUID] = {}
        self.freed_times: dict[Freed, uuid.UUID] = {}
        self.offers: dict[Offer, uuid.UUID] = {}
        MessagePolicy.objects.create(clinic=self.place.clinic, quiet_from=dt.time(0), quiet_until=dt.time(0))

    def _join(self, wish: Waiting) -> None:
        expected = self.model.join(wish)
        words = Wishing(
            patient_id=self.place.patients[wish.patient].pk,
            appointment_type_id=self.kinds[wish.kind].pk,
            until_date=self.at(0).date(),
            providers=() if wish.provider is None else [self.providers[wish.provider].pk],
            priority=wish.priority,
            notice_minutes=0,
            appointment_id=self.visits[wish.visit] if wish.visit else None,
        )

        def join() -> None:
            self.wishes[wish] = join_waitlist(words, caller=self.place.staff).pk

        assert outcome(join) == expected

    @rule(data=st.data(), patient=people, provider=st.none() | st.integers(0, 1), priority=st.integers(0, 1))
    def wait(self, data: st.DataObject, patient: int, provider: int | None, priority: int) -> None:
        """Join the list for any visit of a type."""
        kind: Kind = data.draw(st.sampled_from(list(self.kinds)))
        self._join(Waiting(patient, kind, provider, priority))

    @precondition(lambda self: self.visits)
    @rule(number=which, provider=st.none() | st.integers(0, 1))
    def wait_to_come_sooner(self, number: int, provider: int | None) -> None:
        """Join the list with a visit that is to come sooner."""
        visit: Visit = list(self.visits)[number % len(self.visits)]
        self._join(Waiting(visit.patient, visit.kind, provider, 0, visit))

    @precondition(lambda self: self.wishes)
    @rule(number=which)
    def leave_the_list(self, number: int) -> None:
        """Leave it, perhaps for the second time, perhaps with an offer."""
        wish = list(self.wishes)[number % len(self.wishes)]
        expected = self.model.leave(wish)
        leave = outcome(lambda: withdraw_entry(entry_id=self.wishes[wish], caller=self.place.staff))
        assert leave == expected

    @precondition(lambda self: any(freed.state == "open" for freed in self.model.freed))
    @rule(number=which)
    def offer(self, number: int) -> None:
        """Offer a freed time, once the time for second thoughts is over."""
        self._recognise()
        times = [freed for freed in self.model.freed if freed.state == "open"]
        freed = times[-1 - number % len(times)]
        FreedTime.objects.filter(pk=self.freed_times[freed]).update(offer_from=timezone.now())
        self.model.offer(freed)
        offer_now(freed_time_id=self.freed_times[freed])

    @precondition(lambda self: self.model.offers)
    @rule(number=which, ends=st.sampled_from(["yes", "yes", "no", "silence"]))
    def answer(self, number: int, ends: str) -> None:
        """Say yes or no, or nothing, to an offer, mostly to one that stands."""
        self._recognise()
        standing = [offer for offer in self.offers if offer.state == "offered"]
        known = standing if standing and number < 9 else list(self.offers)
        offer = known[number % len(known)]
        {"yes": self._accept, "no": self._decline, "silence": self._run_out}[ends](offer)

    def _accept(self, offer: Offer) -> None:
        expected, booked = self.model.accept(offer)

        def accept() -> None:
            _, visit = accept_offer(offer_id=self.offers[offer], caller=self.place.staff)
            if booked is not None:
                self.visits[booked] = visit.pk

        assert answered(accept) == expected

    def _decline(self, offer: Offer) -> None:
        expected = self.model.decline(offer)
        decline = outcome(lambda: decline_offer(offer_id=self.offers[offer], caller=self.place.staff))
        assert decline == expected

    def _run_out(self, offer: Offer) -> None:
        row = WaitlistOffer.objects.get(pk=self.offers[offer])
        if offer.state == "offered":
            run_out(row)
        self.model.decline(offer, "expired")
        expire_offer(offer_id=row.pk)

    def _recognise(self) -> None:
        """Find which row each of the model's times and offers is."""
        numbers = {provider.pk: number for number, provider in enumerate(self.providers)}
        people_by_id = {patient.pk: number for number, patient in enumerate(self.place.patients)}
        rows = FreedTime.objects.exclude(pk__in=self.freed_times.values()).order_by("pk")
        unknown = {
            row.pk: (
                numbers[row.provider_id],
                *(int((edge - self.at(0)).total_seconds()) // 60 for edge in (row.starts_at, row.ends_at)),
                people_by_id[row.patient_id] if row.patient_id else None,
                row.session_id is not None,
                row.state,
            )
            for row in rows
        }
        for freed in self.model.freed:
            if freed not in self.freed_times:
                pk = next((pk for pk, standing in unknown.items() if standing == freed.standing), None)
                assert pk is not None, (freed, unknown)
                self.freed_times[freed] = pk
                del unknown[pk]
        assert not unknown, unknown
        offers = {(o.entry_id, o.freed_time_id): o.pk for o in WaitlistOffer.objects.all()}
        for offer in self.model.offers:
            self.offers[offer] = offers[self.wishes[offer.wish], self.freed_times[offer.freed]]
        assert len(self.offers) == len(offers)

    @invariant()
    def the_line_is_the_model_s(self) -> None:
        """Have the same wishes, times and offers, each in the same state, each offer with its time held."""
        self._recognise()
        wishes = dict(WaitlistEntry.objects.values_list("pk", "state"))
        assert {pk: wish.state for wish, pk in self.wishes.items()} == wishes
        times = dict(FreedTime.objects.values_list("pk", "state"))
        assert {pk: freed.state for freed, pk in self.freed_times.items()} == times
        offers = {
            pk: (state, start) for pk, state, start in WaitlistOffer.objects.values_list("pk", "state", "starts_at")
        }
        assert {pk: (offer.state, self.at(offer.start)) for offer, pk in self.offers.items()} == offers
        rooms = {room.pk: number for number, room in enumerate(self.rooms)}
        held = Counter(
            (self.freed_times[offer.freed], offer.hold.room) for offer in self.offers if offer.state == "offered"
        )
        rows = Hold.objects.filter(freed_time__isnull=False).values_list("freed_time", "room")
        assert Counter((freed, rooms.get(room)) for freed, room in rows) == held
