"""Resources become sources: FHIR's own rules first (fhir.resources), then what we need of them."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from fhir.resources.R4B.location import Location
from fhir.resources.R4B.organization import Organization
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.practitioner import Practitioner
from fhir.resources.R4B.practitionerrole import PractitionerRole
from pydantic import BaseModel, ValidationError

from .reading import Json
from .reporting import Origin
from .sources import Key, PatientSource, PlaceSource, ProviderSource, RoleSource, Source

# R4 and R4B say the same of these five types; fhir.resources keeps R4B.
_MODELS: Final[dict[str, type[BaseModel]]] = {
    "Organization": Organization,
    "Location": Location,
    "Practitioner": Practitioner,
    "PractitionerRole": PractitionerRole,
    "Patient": Patient,
}

# Numbers that a state gives to people are no keys of ours: passport, social security, driving licence, tax (HL7 v2-0203).
_OF_THE_STATE: Final = frozenset({"SS", "DL", "PPN", "TAX", "NI", "SB", "PRC"})
_LONGEST_IDENTIFIER: Final = 200
_LONGEST_NAME: Final = 120
_NAME_ORDER: Final = ("official", "usual", None, "temp", "nickname", "anonymous", "maiden", "old")


class Unusable(ValueError):
    """A resource that cannot be used. Its message says why, by field, and never what stands there."""


class Ignored(ValueError):
    """A resource that is right but is nothing we keep."""


def parse(origin: Origin, resource: Json) -> Source:
    """Return the source in a resource. Raises `Unusable` with the reason, and `Ignored` for what we do not keep."""
    kind = resource["resourceType"]
    if kind not in _MODELS:
        raise Ignored(kind)
    full_url = resource.pop("_fullUrl", None)
    try:
        _MODELS[kind].model_validate(resource)
    except ValidationError as error:
        raise Unusable(_reason(error)) from None
    keys = frozenset(_keys(resource, full_url))
    identifier = _identifier(resource) or full_url or ""
    if not identifier:
        raise Unusable("has neither an id nor an identifier with a system")
    if len(identifier) > _LONGEST_IDENTIFIER:
        raise Unusable(f"its identifier is longer than {_LONGEST_IDENTIFIER} characters")
    common = {"origin": origin, "identifier": identifier, "keys": keys | {identifier}}
    return _BUILDERS[kind](resource, common)


def _reason(error: ValidationError) -> str:
    """Return the fields at fault and the kind of fault; FHIR's own messages repeat values, which are about people."""
    faults = [
        f"“{'.'.join(map(str, fault['loc'])) or 'resource'}” is not as FHIR R4 has it ({fault['type']})"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)[:3]
    ]
    return "; ".join(faults)


def _keys(resource: Json, full_url: str | None) -> Iterator[Key]:
    for identifier in resource.get("identifier", []):
        if identifier.get("system") and identifier.get("value"):
            yield f"{identifier['system']}|{identifier['value']}"
    if resource.get("id"):
        yield f"{resource['resourceType']}/{resource['id']}"
        yield _urn(resource["resourceType"], resource["id"])
    if full_url:
        yield full_url


def _urn(kind: str, identifier: str) -> str:
    return f"urn:fhir:{kind}/{identifier}"


def _identifier(resource: Json) -> str:
    for identifier in resource.get("identifier", []):
        codes = {coding.get("code") for coding in identifier.get("type", {}).get("coding", [])}
        if identifier.get("system") and identifier.get("value") and not codes & _OF_THE_STATE:
            return f"{identifier['system']}|{identifier['value']}"
    return _urn(resource["resourceType"], resource["id"]) if resource.get("id") else ""


def _target(reference: Json | None) -> tuple[Key, ...]:
    """Return what a reference may mean: its identifier, its relative or absolute address, the urn of its Bundle."""
    if not reference:
        return ()
    found = []
    identifier = reference.get("identifier", {})
    if identifier.get("system") and identifier.get("value"):
        found.append(f"{identifier['system']}|{identifier['value']}")
    address = reference.get("reference", "").partition("/_history")[0]
    if address:
        found.append(address)
        kind, _, name = address.rpartition("/")
        if kind:
            found += [f"{kind.rpartition('/')[2]}/{name}", _urn(kind.rpartition("/")[2], name)]
    return tuple(found)


def _text(concepts: Iterable[Json]) -> str:
    for concept in concepts:
        text = concept.get("text") or next((c["display"] for c in concept.get("coding", []) if c.get("display")), "")
        if text:
            return str(text)[:_LONGEST_NAME]
    return ""


def _best_name(names: Iterable[Json]) -> Json:
    known = [name for name in names if name.get("family") or name.get("given") or name.get("text")]
    return min(known, key=lambda name: _NAME_ORDER.index(name.get("use")), default={})


def _given(name: Json) -> str:
    return " ".join(part for part in name.get("given", []) if part)


def _place(resource: Json, common: dict[str, Any]) -> PlaceSource:
    kind = resource["resourceType"]
    if kind == "Location" and (resource.get("mode") == "kind" or not resource.get("name")):
        raise Ignored(kind)
    if not resource.get("name", "").strip():
        raise Unusable("has no name")
    addresses = resource.get("address", [])
    address = addresses if isinstance(addresses, dict) else next(iter(addresses), {})
    parts = [*address.get("line", []), address.get("city", ""), address.get("state", ""), address.get("postalCode", "")]
    return PlaceSource(
        **common,
        kind=kind,
        active=resource.get("active", resource.get("status", "active") == "active"),
        name=" ".join(resource["name"].split())[:_LONGEST_NAME],
        phone=next(
            (t["value"] for t in resource.get("telecom", []) if t.get("system") == "phone" and t.get("value")), ""
        ),
        address=", ".join(part for part in parts if part)[:250],
        city=address.get("city", ""),
        state=address.get("state", ""),
        country=address.get("country", ""),
        managed_by=_target(resource.get("managingOrganization")) if kind == "Location" else (),
    )


def _provider(resource: Json, common: dict[str, Any]) -> ProviderSource:
    name = _best_name(resource.get("name", []))
    words = [*name.get("prefix", []), _given(name), name.get("family", ""), *name.get("suffix", [])]
    full = " ".join(word for word in words if word) if name.get("family") or name.get("given") else name.get("text", "")
    if not full.strip():
        raise Unusable("has no name")
    return ProviderSource(**common, name=" ".join(full.split())[:_LONGEST_NAME], active=resource.get("active", True))


def _role(resource: Json, common: dict[str, Any]) -> RoleSource:
    return RoleSource(
        **common,
        active=resource.get("active", True),
        provider=_target(resource.get("practitioner")),
        organization=_target(resource.get("organization")),
        locations=tuple(_target(location) for location in resource.get("location", [])),
        specialty=_text([*resource.get("specialty", []), *resource.get("code", [])]),
    )


def _patient(resource: Json, common: dict[str, Any]) -> PatientSource:
    name = _best_name(resource.get("name", []))
    given, family = _given(name), name.get("family", "")
    if not given and not family:
        family = name.get("text", "")
    if not given.strip() and not family.strip():
        raise Unusable("has no name")
    deceased = bool(resource.get("deceasedDateTime") or resource.get("deceasedBoolean"))
    return PatientSource(
        **common,
        active=resource.get("active", True) and not deceased,
        given_name=given,
        family_name=family,
        birth_date=_whole_date(resource.get("birthDate", "")),
        language=_language(resource),
        country=next((a["country"] for a in resource.get("address", []) if a.get("country")), ""),
        contacts=tuple(dict.fromkeys(_contacts(resource))),
        organization=_target(resource.get("managingOrganization")),
    )


def _contacts(resource: Json) -> Iterator[tuple[str, str]]:
    for telecom in resource.get("telecom", []):
        if telecom.get("system") in {"phone", "email"} and telecom.get("value") and telecom.get("use") != "old":
            yield telecom["system"], telecom["value"]


def _whole_date(text: str) -> dt.date | None:
    """Return the date; FHIR also allows a year or a month alone, which is no birth date to identify anybody by."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _language(resource: Json) -> str:
    spoken = resource.get("communication", [])
    first: Json = next(iter(spoken), {})
    preferred = next((one for one in spoken if one.get("preferred")), first)
    return str(next((c["code"] for c in preferred.get("language", {}).get("coding", []) if c.get("code")), "en"))


_BUILDERS: Final[dict[str, Callable[[Json, dict[str, Any]], Source]]] = {
    "Organization": _place,
    "Location": _place,
    "Practitioner": _provider,
    "PractitionerRole": _role,
    "Patient": _patient,
}
