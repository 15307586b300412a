"""The doors of members: invited, given roles, removed."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError, VersionConflict
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.setup.clashing import clash_between
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, status_of
from mediconnect.portal.setup.forms.people import InvitationForm, RolesForm
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.setup.reading.people import Member, member_of, members_of, practitioners_of
from mediconnect.portal.showing import refused, show
from providers.errors import OwnAdminRole
from providers.models import Role
from providers.services.staff import change_roles, invite_member, remove_member, write_to_member

_PART = {"room": "setup", "part": "people"}
# The button that says that one's own right shall go.
_GIVES_UP = "gives_up_own"


@require_safe
@desk_page(roles=ADMINS)
def people(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List members and providers."""
    words = {**_PART, "members": members_of(desk), "practitioners": practitioners_of(desk)}
    return show(request, desk, "portal/setup/people.html", words)


@desk_page(roles=ADMINS)
def invite(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Invite somebody to work here."""
    form, outcome, listed = InvitationForm(request.POST or None), Outcome(), address(desk, "setup-people")
    if form.is_valid():

        def work() -> dict[str, Any]:
            user = invite_member(clinic_id=desk.clinic.pk, invited_by_id=desk.user.pk, **form.values())
            return {"id": user.pk, "invited": not user.has_usable_password()}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, listed))
        if outcome.answer is not None:
            sent = _("Invited. A link to choose a password is on its way.")
            known = _("Added. The person signs in as before.")
            return finished(request, sent if outcome.answer["invited"] else known, to=listed)
    words = {**_PART, "form": form, **outcome.words}
    return show(request, desk, "portal/setup/invite.html", words, status=status_of(form, outcome))


@desk_page(roles=ADMINS)
def edit_member(request: DeskRequest, desk: Desk, member: uuid.UUID) -> HttpResponse:
    """Give a member roles and take others away."""
    who, outcome = member_of(desk, member), Outcome()
    held = [role.value for role in who.roles]
    form = RolesForm(request.POST or None, initial={"roles": held, "version": RolesForm.version_of(held)})
    if form.is_valid():
        gives_up = request.POST.get(_GIVES_UP) == "1"

        def work() -> dict[str, Any]:
            roles = change_roles(
                clinic_id=desk.clinic.pk,
                user_id=member,
                roles=form.cleaned_data["roles"],
                changed_by_id=desk.user.pk,
                seen=form.seen,
                gives_up_own=gives_up,
            )
            return {"roles": sorted(roles)}

        try:
            answer = once(request, desk, work, fresh_reads=True)
        except DomainError as error:
            outcome = _stopped(request, form, held, error)
        else:
            return _onward(request, desk, who, answer["roles"])
    return _shown(request, desk, who, form, outcome)


@require_POST
@desk_page(roles=ADMINS)
def send_link(request: DeskRequest, desk: Desk, member: uuid.UUID) -> HttpResponse:
    """Send the link to a first password again."""
    who = member_of(desk, member)

    def work() -> dict[str, Any]:
        write_to_member(clinic_id=desk.clinic.pk, user_id=member)
        return {}

    try:
        once(request, desk, work)
    except DomainError as error:
        return _shown(request, desk, who, _form(who), Outcome(refusal=refused(error), status=error.status))
    return finished(request, _("A new link is on its way; the one before ended."), to=address(desk, "setup-people"))


@desk_page(roles=ADMINS)
def remove(request: DeskRequest, desk: Desk, member: uuid.UUID) -> HttpResponse:
    """Ask once, in words, then take all roles of a member here away."""
    who, refusal, status = member_of(desk, member), None, 200
    if request.method == "POST":
        gives_up = request.POST.get(_GIVES_UP) == "1"

        def work() -> dict[str, Any]:
            clinic, by = desk.clinic.pk, desk.user.pk
            remove_member(clinic_id=clinic, user_id=member, removed_by_id=by, gives_up_own=gives_up)
            return {}

        try:
            once(request, desk, work, fresh_reads=True)
        except DomainError as error:
            refusal, status = refused(error), error.status
        else:
            return _onward(request, desk, who, [])
    words = {**_PART, "who": who, "refusal": refusal, "back": address(desk, "setup-member", member=member)}
    return show(request, desk, "portal/setup/remove.html", words, status=status)


def _form(who: Member) -> RolesForm:
    held = [role.value for role in who.roles]
    return RolesForm(initial={"roles": held, "version": RolesForm.version_of(held)})


def _stopped(request: DeskRequest, form: RolesForm, held: list[str], error: DomainError) -> Outcome:
    """Return what stands in the way: other roles by now, one's own right, or a rule."""
    if isinstance(error, VersionConflict):
        now = error.extra["current"]
        clash = clash_between(
            form,
            {"roles": sorted(form.seen)},
            {"roles": now},
            who="",
            at=None,
            action=request.path,
            version=RolesForm.version_of(now),
            keep=request.path,
        )
        return Outcome(clash=clash, status=error.status)
    return Outcome(refusal=refused(error), status=error.status)


def _onward(request: DeskRequest, desk: Desk, who: Member, roles: list[str]) -> HttpResponse:
    """Say what follows; whoever gave up the own right to these pages goes back to the day."""
    if who.is_self and Role.CLINIC_ADMIN in who.roles and Role.CLINIC_ADMIN not in roles:
        return finished(request, _("You no longer set up this clinic."), to="/")
    if not roles:
        said = _("Removed. The account itself stays.")
    elif Role.CLINIC_ADMIN in roles and Role.CLINIC_ADMIN not in who.roles:
        said = _("Saved. A new clinic admin signs in again, with a second factor.")
    else:
        said = _("Saved. It holds with the next click.")
    return finished(request, said, to=address(desk, "setup-people"))


def _shown(request: DeskRequest, desk: Desk, who: Member, form: RolesForm, outcome: Outcome) -> HttpResponse:
    asks = outcome.refusal is not None and outcome.refusal.code == OwnAdminRole.code
    words = {**_PART, "who": who, "form": form, "asks_own": asks, **outcome.words}
    return show(request, desk, "portal/setup/member.html", words, status=status_of(form, outcome))
