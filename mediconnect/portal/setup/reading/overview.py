"""What is set up in a clinic, and what is missing before it can be booked: each with the step that comes next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediconnect.portal.desk import Desk
from notifications.models import Hook, PausedWhy
from providers.models import AppointmentType, Closure, Resource, ResourceKind, Role, TypeOverride

from .messages import in_one_line
from .people import Member, Practitioner, members_of, practitioners_of


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is missing: what and why in words, and where it is done. `needed` means nothing works without."""

    title: str
    sentence: str
    url: str
    label: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A part of setup, in one line."""

    title: str
    url: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the clinic has."""

    types: Sequence[AppointmentType]
    resources: Sequence[Resource]
    practitioners: Sequence[Practitioner]
    members: Sequence[Member]
    closures: int
    hooks: Sequence[Hook]
    refused: frozenset[tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page of setup."""

    areas: Sequence[Area]
    steps: Sequence[Step]


def overview_of(desk: Desk) -> Overview:
    """Return what is there and what is missing; eleven statements."""
    here = desk.clinic.pk
    standing = Standing(
        types=list(AppointmentType.objects.filter(clinic=here, active=True)),
        resources=list(Resource.objects.filter(clinic=here, active=True)),
        practitioners=practitioners_of(desk),
        members=members_of(desk),
        closures=Closure.objects.filter(clinic=here, cancelled=False, ends_at__gt=desk.now).count(),
        hooks=list(Hook.objects.filter(clinic=here, active=True).order_by("name")),
        refused=frozenset(
            TypeOverride.objects.filter(appointment_type__clinic=here, offered=False).values_list(
                "provider", "appointment_type"
            )
        ),
    )
    return Overview(list(_areas(desk, standing)), list(_steps(desk, standing)))


def address(desk: Desk, name: str, **more: object) -> str:
    """Return the address of a page of the desk's clinic."""
    return reverse(f"portal:{name}", kwargs={"clinic": desk.clinic.pk, **more})


def _areas(desk: Desk, standing: Standing) -> Iterator[Area]:
    rooms = [one for one in standing.resources if one.kind == ResourceKind.ROOM]
    devices = len(standing.resources) - len(rooms)
    types, people, doctors = len(standing.types), len(standing.members), len(standing.practitioners)
    yield Area(_("Visit types"), address(desk, "setup-types"), _count_types(types))
    yield Area(
        _("Rooms and devices"),
        address(desk, "setup-rooms"),
        ngettext("%(count)d room", "%(count)d rooms", len(rooms)) % {"count": len(rooms)}
        + ", "
        + ngettext("%(count)d device", "%(count)d devices", devices) % {"count": devices},
    )
    yield Area(
        _("Closures"),
        address(desk, "setup-closures"),
        ngettext("%(count)d ahead", "%(count)d ahead", standing.closures) % {"count": standing.closures},
    )
    yield Area(_("Policies"), address(desk, "setup-policies"), _("Rules for booking, phone, address, time zone"))
    yield Area(
        _("Waitlist"), address(desk, "setup-waitlist"), _("Who is asked for freed time, and how long they may take")
    )
    yield Area(
        _("Overbooking"),
        address(desk, "setup-overbooking"),
        _("How many visits a day each role may put over the rules"),
    )
    yield Area(_("Messages"), address(desk, "setup-messages"), in_one_line(desk))
    hooks = len(standing.hooks)
    yield Area(
        _("Webhooks"),
        address(desk, "setup-hooks"),
        ngettext("%(count)d program is told of visits", "%(count)d programs are told of visits", hooks)
        % {"count": hooks},
    )
    yield Area(
        _("People and roles"),
        address(desk, "setup-people"),
        ngettext("%(count)d member", "%(count)d members", people) % {"count": people}
        + ", "
        + ngettext("%(count)d provider", "%(count)d providers", doctors) % {"count": doctors},
    )


def _count_types(count: int) -> str:
    return ngettext("%(count)d type is offered", "%(count)d types are offered", count) % {"count": count}


def _steps(desk: Desk, standing: Standing) -> Iterator[Step]:
    yield from _without_anything(desk, standing)
    yield from _providers_without_hours(desk, standing)
    yield from _types_that_cannot_be_booked(desk, standing)
    yield from _clinic_itself(desk)
    yield from _people(desk, standing)
    yield from _hooks(desk, standing)


def _without_anything(desk: Desk, standing: Standing) -> Iterator[Step]:
    if not standing.types:
        yield Step(
            _("There is no type of visit"),
            _("Nothing can be booked before the clinic says what it offers and how long that takes."),
            address(desk, "setup-type-new"),
            _("Add a type of visit"),
            needed=True,
        )
    if not standing.practitioners:
        yield Step(
            _("Nobody sees patients here"),
            _("Every visit is with a provider. Add the first, then give them hours."),
            address(desk, "setup-provider-new"),
            _("Add a provider"),
            needed=True,
        )


def _providers_without_hours(desk: Desk, standing: Standing) -> Iterator[Step]:
    for one in standing.practitioners:
        if not one.has_hours:
            yield Step(
                _("%(name)s has no working hours") % {"name": one.provider.name},
                _("Without hours there is no free time to book."),
                address(desk, "hours-new", provider=one.provider.pk),
                _("Give hours"),
                needed=True,
            )


def _types_that_cannot_be_booked(desk: Desk, standing: Standing) -> Iterator[Step]:
    rooms = {one.category for one in standing.resources if one.kind == ResourceKind.ROOM}
    devices = {one.category for one in standing.resources if one.kind == ResourceKind.DEVICE}
    for kind in standing.types:
        for wanted, there in ((kind.room_kind, rooms), (kind.device_kind, devices)):
            if wanted and wanted not in there:
                yield Step(
                    _("“%(type)s” needs “%(kind)s”") % {"type": kind.name, "kind": wanted},
                    _("No room or device of that kind is in use, so the type cannot be booked."),
                    address(desk, "setup-rooms"),
                    _("Go to rooms and devices"),
                    needed=True,
                )
        offering = [one for one in standing.practitioners if (one.provider.pk, kind.pk) not in standing.refused]
        if standing.practitioners and not offering:
            yield Step(
                _("Nobody offers “%(type)s”") % {"type": kind.name},
                _("Every provider here was said not to offer it."),
                address(desk, "setup-type", kind=kind.pk),
                _("See who offers it"),
                needed=True,
            )


def _clinic_itself(desk: Desk) -> Iterator[Step]:
    policies = address(desk, "setup-policies")
    if not desk.clinic.region:
        yield Step(
            _("Public holidays do not close the clinic"),
            _("Say in which region it lies, and its holidays are closed by themselves."),
            policies,
            _("Say the region"),
        )
    if not desk.clinic.phone:
        yield Step(
            _("Patients are told no phone number"),
            _("Who cannot book what they want is asked to call."),
            policies,
            _("Give the number"),
        )


def _people(desk: Desk, standing: Standing) -> Iterator[Step]:
    people = address(desk, "setup-people")
    waiting = sum(member.invited and not member.closed for member in standing.members)
    if waiting:
        yield Step(
            ngettext("%(count)d invitation waits", "%(count)d invitations wait", waiting) % {"count": waiting},
            _("They have not chosen a password yet. The link can be sent again."),
            people,
            _("Go to the people"),
        )
    admins = [member for member in standing.members if Role.CLINIC_ADMIN in member.roles and not member.closed]
    if len(admins) < 2:
        yield Step(
            _("Only one person can set up the clinic"),
            _("Make a second clinic admin, for the days when the first is away."),
            people,
            _("Go to the people"),
        )


def _hooks(desk: Desk, standing: Standing) -> Iterator[Step]:
    for hook in standing.hooks:
        if hook.paused_why in {PausedWhy.GONE, PausedWhy.FAILING}:
            yield Step(
                _("The webhook “%(name)s” paused by itself") % {"name": hook.name},
                _(
                    "Its receiver answers no more. What happens meanwhile waits for a week, and then has to be sent again."
                ),
                address(desk, "setup-hook", hook=hook.pk),
                _("See what it answered"),
                needed=True,
            )
