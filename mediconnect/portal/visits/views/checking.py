"""The door that judges a move before it is made: asked while a visit is dragged, and while a time is typed."""

import uuid

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import refused
from mediconnect.portal.visits.forms import Move
from mediconnect.portal.visits.judging import Judgement, Rule, judge
from mediconnect.portal.visits.reading import visit_and_target


@require_safe
@desk_page
def check(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Say what a move would be told: as JSON to whoever asks for that, else as a sentence to put on a page."""
    try:
        wish = Move.of(request.GET.dict(), desk.zone)
    except DomainError as error:  # no time, or one that the clock skips or shows twice
        visit_and_target(desk, visit, None)
        judgement = _unreadable(error)
    else:
        found, name = visit_and_target(desk, visit, wish.provider_id)
        judgement = judge(desk, found, wish, name)
    if not request.accepts("text/html") or request.get_preferred_type(["text/html", "application/json"]) != "text/html":
        return JsonResponse(_packed(judgement))
    return render(request, "portal/visits/_verdict.html", {"judgement": judgement})


def _unreadable(error: DomainError) -> Judgement:
    refusal = refused(error)
    sentences = [sentence for errors in refusal.errors.values() for sentence in errors]
    words = " ".join(sentences) or refusal.sentence
    return Judgement("refused", words, [Rule(refusal.code, words)])


def _packed(judgement: Judgement) -> dict[str, object]:
    rules = [
        {"rule": rule.name, "words": rule.words, "until": rule.until.isoformat() if rule.until else None}
        for rule in judgement.rules
    ]
    return {"verdict": judgement.verdict, "words": judgement.words, "rules": rules}
