"""The doors of calendar feeds: a provider's own, and for a clinic's admins those of its providers."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appointments.models import CalendarFeed
from appointments.queries.feeds import feeds_of
from appointments.services.feeds import make_feed, revoke_feed
from mediconnect.errors import DomainError, NotFound, NotPermitted
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.hours.reading import may_edit, provider_at
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import Origin, Outcome, finished, status_of, stopped
from mediconnect.portal.showing import refused, show
from providers.models import Membership, Provider

from .forms import FeedForm


@desk_page
def feeds(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """List the programs that read the provider's calendar, and make an address for another, shown this once."""
    owner, outcome, secret = _owner(desk, provider), Outcome(), ""
    form = FeedForm(request.POST or None)
    if form.is_valid():
        made: dict[str, str] = {}

        def work() -> dict[str, Any]:
            said = form.cleaned_data
            feed, made["secret"] = make_feed(
                provider_id=owner.pk, name=said["name"], names_patients=said["names_patients"], caller=desk.caller
            )
            return {"id": feed.pk}

        try:
            once(request, desk, work)
        except DomainError as error:
            outcome = stopped(desk, form, error, at=Origin(request.path, request.path))
        else:
            # A form that is sent again is carried out once, and what it made is kept nowhere.
            if not made:
                return finished(request, _("It was made already. The address is shown only once."), to=request.path)
            secret, form = made["secret"], FeedForm()
    return _shown(request, desk, owner, form, outcome, secret)


@require_POST
@desk_page
def revoke(request: DeskRequest, desk: Desk, provider: uuid.UUID, feed: uuid.UUID) -> HttpResponse:
    """Let an address lead nowhere any more."""
    owner = _owner(desk, provider)
    row = _known(desk, owner).filter(pk=feed).first()
    if row is None:
        raise NotFound

    def work() -> dict[str, Any]:
        revoke_feed(feed_id=row.pk, caller=desk.caller)
        return {}

    try:
        once(request, desk, work)
    except DomainError as error:
        return _shown(request, desk, owner, FeedForm(), Outcome(refusal=refused(error), status=error.status))
    return finished(request, _("Revoked. Nothing reads it any more."), to=_address(desk, owner.pk))


def _owner(desk: Desk, provider_id: uuid.UUID) -> Provider:
    """Return a provider whose calendar the person may give away; raises `NotFound` and `NotPermitted`."""
    provider, _role = provider_at(desk, provider_id)
    if not may_edit(desk, provider_id):
        raise NotPermitted(_("A calendar is given away by its provider, and by clinic admins."))
    return provider


def _known(desk: Desk, owner: Provider) -> "QuerySet[CalendarFeed]":
    """Return the feeds that the person may know of: the provider all, an admin those of the provider and of this clinic's people."""
    feeds = feeds_of(owner.pk)
    if owner.user_id == desk.user.pk:
        return feeds
    here = Membership.objects.filter(clinic=desk.clinic.pk).values("user")
    return feeds.filter(Q(created_by=owner.user_id) | Q(created_by__in=here))


def _shown(
    request: DeskRequest, desk: Desk, owner: Provider, form: FeedForm, outcome: Outcome, secret: str = ""
) -> HttpResponse:
    address = request.build_absolute_uri(reverse("feed:feed", kwargs={"secret": secret})) if secret else ""
    words = {
        "room": "providers",
        "provider": owner,
        "form": form,
        "feeds": list(_known(desk, owner)),
        "address": address,
        "is_own": owner.user_id == desk.user.pk,
        "back": reverse("portal:provider", kwargs={"clinic": desk.clinic.pk, "provider": owner.pk}),
        **outcome.words,
    }
    return show(request, desk, "portal/feeds/page.html", words, status=status_of(form, outcome))


def _address(desk: Desk, provider_id: uuid.UUID) -> str:
    return reverse("portal:provider-feeds", kwargs={"clinic": desk.clinic.pk, "provider": provider_id})
