"""Who sees patients at a clinic, as a table: known by identifier or by name."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext_noop

from mediconnect.operations.exchange.cells import read_answer
from mediconnect.operations.exchange.columns import Column, plain
from mediconnect.operations.exchange.findings import Difference, Finding, Judged, Line, Unfit
from mediconnect.operations.exchange.scene import Reading, Scene
from mediconnect.operations.models import Verdict
from patients.rules.identity import clean_line
from providers.models import Clinic, PractitionerRole
from providers.services.places import add_provider, change_resource
from providers.services.practitioners import add_practitioner_role, change_specialty, end_practitioner_role

from .kind import Chosen, Kind, Order

_LONGEST: Final = 120

COLUMNS: Final = (
    Column(
        "id",
        gettext_noop("Identifier"),
        gettext_noop("As it stands in an export, to rename somebody. Leave it empty for somebody new."),
        also=("provider id", "identificador"),
    ),
    Column(
        "name",
        gettext_noop("Name"),
        gettext_noop("As patients read it."),
        also=("provider", "provider name", "full name", "doctor", "nombre", "profesional", "medico"),
        required=True,
        example="Dr Ana Petrova",
    ),
    Column(
        "specialty",
        gettext_noop("Specialty"),
        gettext_noop("As what the provider works here."),
        also=("role", "discipline", "especialidad"),
        example="Cardiology",
    ),
    Column(
        "works_here",
        gettext_noop("Works here"),
        gettext_noop("yes or no; no ends the provider's hours here with yesterday. Left empty: yes."),
        also=("active", "activo", "trabaja aqui"),
        example="yes",
    ),
)


def judge(scene: Scene, lines: Sequence[Line]) -> list[Judged]:
    """Return what each row would do; one statement."""
    return [_judged(scene, line) for line in lines]


def _judged(scene: Scene, line: Line) -> Judged:
    reading = Reading(line, scene)
    reading.require("name")
    plan: dict[str, Any] = {
        "name": reading.take("name", partial(clean_line, field="name", longest=_LONGEST)),
        "specialty": reading.take("specialty", partial(clean_line, field="specialty", longest=_LONGEST)),
        "works_here": reading.take("works_here", read_answer),
    }
    try:
        reading.finish()
        role = _meant(scene, line)
    except Unfit as unfit:
        return Judged(number=line.number, verdict=Verdict.REFUSED, findings=unfit.findings)
    plan = {name: value for name, value in plan.items() if value is not None}
    key = f"provider {role.provider_id}" if role else f"name {plain(plan['name'])}"
    if role is None:
        if plan.get("works_here") is False:
            told = Finding(gettext_noop("Nobody of this name works here, so there is nothing to end."), "works_here")
            return Judged(number=line.number, verdict=Verdict.REFUSED, findings=[told])
        return Judged(number=line.number, verdict=Verdict.NEW, plan=plan, key=key)
    found = list(_differences(role, plan))
    return Judged(
        number=line.number,
        verdict=Verdict.CHANGE if found else Verdict.SAME,
        differences=found,
        plan=plan,
        target=role.provider_id,
        seen=role.provider.version,
        key=key,
    )


def _meant(scene: Scene, line: Line) -> PractitionerRole | None:
    """Return the role of the provider whom a row is about, None for somebody new; raises `Unfit`."""
    identifier = line.get("id")
    if identifier:
        found = next((role for role in scene.roles if str(role.provider_id) == identifier.lower()), None)
        if found is None:
            raise Unfit(Finding(gettext_noop("Nobody with this identifier works here."), "id"))
        return found
    named = [role for role in scene.roles if plain(role.provider.name) == plain(line.get("name"))]
    if len(named) > 1:
        told = gettext_noop("Several providers here are called “%(text)s”. Give the identifier instead.")
        raise Unfit(Finding(told, "name", {"text": line.get("name")}))
    return named[0] if named else None


def _differences(role: PractitionerRole, plan: Mapping[str, Any]) -> Iterator[Difference]:
    if plan["name"] != role.provider.name:
        yield Difference("name", role.provider.name, plan["name"])
    if "specialty" in plan and plan["specialty"] != role.specialty:
        yield Difference("specialty", role.specialty, plan["specialty"])
    works = plan.get("works_here", role.active)
    if works != role.active:
        yield Difference("works_here", _word(said=role.active), _word(said=works))


def _word(*, said: bool) -> str:
    return "yes" if said else "no"


def write(scene: Scene, order: Order) -> uuid.UUID:
    """Add or change the provider of a row; return the provider's id. Raises what those services raise."""
    plan, clinic = order.plan, scene.clinic.pk
    if order.target is None:
        return add_provider(name=plan["name"], clinic_id=clinic, specialty=plan.get("specialty", "")).pk
    provider = order.target
    change_resource(resource_id=provider, version=order.seen or 0, change={"name": plan["name"]})
    role = PractitionerRole.objects.get(provider=provider, clinic=clinic)
    works = plan.get("works_here", role.active)
    if works and not role.active:
        add_practitioner_role(provider_id=provider, clinic_id=clinic, specialty=plan.get("specialty", role.specialty))
    elif role.active and "specialty" in plan:
        change_specialty(provider_id=provider, clinic_id=clinic, specialty=plan["specialty"])
    if role.active and not works:
        end_practitioner_role(provider_id=provider, clinic_id=clinic)
    return provider


def ids(clinic: Clinic, chosen: Chosen) -> list[uuid.UUID]:
    """Return the roles at the clinic by the provider's name, those that ended included."""
    roles = PractitionerRole.objects.filter(clinic=clinic)
    return list(roles.order_by("provider__name", "pk").values_list("pk", flat=True))


def out(clinic: Clinic, wanted: Sequence[uuid.UUID]) -> Iterator[Mapping[str, str]]:
    """Yield a row for each of the roles; one statement."""
    known = PractitionerRole.objects.filter(clinic=clinic).select_related("provider").in_bulk(wanted)
    for key in wanted:
        if key in known:
            role = known[key]
            yield {
                "id": str(role.provider_id),
                "name": role.provider.name,
                "specialty": role.specialty,
                "works_here": _word(said=role.active),
            }


KIND: Final = Kind(columns=COLUMNS, judge=judge, write=write, ids=ids, out=out)
