"""May this visit go there? Looked at without a lock, so that a hand that drags knows what the drop will be told."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from appointments.errors import GroupLength, NoSecondProvider
from appointments.models import Appointment
from appointments.models.status import MOVABLE
from appointments.queries.explaining import refined
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import moved_minutes, terms_of
from appointments.rules.admission import blocked_by
from appointments.rules.terms import Span, Terms
from appointments.services.moving import KEPT
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from mediconnect.portal.reasons import moment_beside, why_blocked
from mediconnect.portal.showing import refused
from providers.models import Provider

from .forms import Move

Verdict = Literal["allowed", "warned", "refused"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that says no, by its name in the contract, in words, and until when where that is known."""

    name: str
    words: str
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Allowed; warned, where a reason makes it possible all the same; or refused."""

    verdict: Verdict
    words: str
    rules: Sequence[Rule] = ()


def judge(desk: Desk, visit: Appointment, move: Move, name: str) -> Judgement:
    """Return what a move to the provider of that name would be told now; no name is nobody who works here.

    Two statements; one or two more where it is closed then, one where another provider's usual length counts, and one where a second provider is to be named. A provider who does
    not offer the type is a refusal like any other: somebody may be dragging there.
    """
    provider_id = move.provider_id or visit.provider_id
    if visit.status not in MOVABLE:
        return _refused("status", _("The patient is here or the visit is over: it can no longer be moved."))
    if not name or not desk.may_book(provider_id):
        return _refused("permission", _("You may move visits in your own calendar only."))
    try:
        second = visit.second_provider_id if move.second == KEPT else move.second
        terms = terms_of(
            appointment_type_id=visit.appointment_type_id, provider_id=provider_id, second_provider_id=second
        )
        lasting = moved_minutes(visit, terms, move.minutes, beside_group=False)
    except NotFound:
        return _refused("type", _("%(provider)s does not offer this type of visit.") % {"provider": name})
    except NoSecondProvider as error:
        return _refused("second_provider", refused(error).sentence)
    except GroupLength:
        return _refused("group_length", _("A group lasts as long as it does for all of it."))
    span = terms.span(move.start, lasting)
    wish = Wish(terms, span, visit.patient_id, by_patient=False, own_appointment=visit.pk)
    blocked = refined(blocked_by(terms, span, situation_of(wish), by_patient=False), terms, span)
    other = _second_name(desk, terms) if any(one.second_provider_id for one in blocked) else ""
    rules = [
        Rule(one.rule, why_blocked(desk, one, other if one.second_provider_id else name, span.start), one.until)
        for one in blocked
    ]
    return _judged(desk, span, rules)


def _second_name(desk: Desk, terms: Terms) -> str:
    here = Provider.objects.at([desk.clinic.pk]).filter(pk=terms.second_provider_id)
    name: str | None = here.values_list("name", flat=True).first()
    return name or ""


def _judged(desk: Desk, span: Span, rules: Sequence[Rule]) -> Judgement:
    said = " ".join(dict.fromkeys(rule.words for rule in rules))
    if any(rule.name == "patient_overlap" for rule in rules):
        return Judgement("refused", said, rules)
    if rules:
        return Judgement("warned", f"{said} {_('You may do it all the same with a reason.')}", rules)
    end = moment_beside(desk, span.end, span.start)
    words = _("Free until %(end)s.") if span.start >= desk.now else _("Free until %(end)s. This time has passed.")
    return Judgement("allowed", words % {"end": end})


def _refused(name: str, words: str) -> Judgement:
    return Judgement("refused", words, [Rule(name, words)])
