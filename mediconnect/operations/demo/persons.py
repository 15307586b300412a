"""Write the people: staff and patients with their sign-ins, numbers, registrations and families."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from mediconnect.accounts.models import User
from mediconnect.accounts.services.clients import register_client
from patients.models import ContactPoint, ContactSystem, Dependant, Patient, Registration
from providers.models import Clinic, Membership, Role

from .cast import DOCTORS, DOMAIN, PASSWORD, PLACES, identifier
from .names import FAMILIES, Person

CLIENT_ID: Final = "mediconnect-demo"
CALLBACK: Final = "http://127.0.0.1:8000/demo/callback"

_STAFF: Final = (("admin", "Ada Lindgren"), ("frontdesk", "Sam Whitfield"), ("manager", "Nora Castellanos"))


def write_staff() -> None:
    """Write the sign-ins of administrator, front desk, manager and providers; their roles follow in `give_roles`."""
    password = make_password(PASSWORD)
    names = [*_STAFF, *((f"dr{doctor.number}", doctor.name) for doctor in DOCTORS)]
    User.objects.bulk_create(_user(key, password, name=name) for key, name in names)


def give_roles(clinics: Sequence[Clinic]) -> None:
    """Let the staff work: the front desk at the first clinic, the manager at all, providers where their hours are."""
    by_key = {place.key: clinic for place, clinic in zip(PLACES, clinics, strict=True)}
    wanted = [("frontdesk", clinics[0], Role.FRONT_DESK)]
    wanted += [("manager", clinic, Role.CLINIC_ADMIN) for clinic in clinics]
    wanted += [(f"dr{doctor.number}", by_key[key], Role.PROVIDER) for doctor in DOCTORS for key in doctor.weeks]
    Membership.objects.bulk_create(
        Membership(user_id=identifier("user", key), clinic=clinic, role=role) for key, clinic, role in wanted
    )


def write_patients(persons: Sequence[Person]) -> None:
    """Write the patients with their sign-ins, contact points and registrations, each kind in one statement or two."""
    # One hash for all: hashing is slow on purpose, and these passwords guard nothing.
    password = make_password(PASSWORD)
    User.objects.bulk_create((_user(_key(one), password, language=one.language) for one in persons), batch_size=500)
    Patient.objects.bulk_create((_patient(one) for one in persons), batch_size=500)
    ContactPoint.objects.bulk_create(_contact_points(persons), batch_size=500)
    _register(persons)
    Dependant.objects.bulk_create(
        Dependant(
            id=identifier("dependant", child),
            guardian_id=identifier("patient", guardian),
            patient_id=identifier("patient", child),
            relationship="child",
            recorded_by_id=identifier("user", "frontdesk"),
        )
        for guardian, child in FAMILIES
    )


def register_demo_client() -> None:
    """Register the program that the tour uses to sign patients in by OAuth 2."""
    register_client(name="MediConnect demo app", client_id=CLIENT_ID, redirect_uris=[CALLBACK])


def _key(person: Person) -> str:
    return f"patient{person.number}"


def _user(key: str, password: str, *, name: str = "", language: str = "en") -> User:
    admin = key == "admin"
    return User(
        id=identifier("user", key),
        email=f"{key}@{DOMAIN}",
        password=password,
        display_name=name,
        language=language,
        is_staff=admin,
        is_superuser=admin,
        email_verified_at=timezone.now(),
        second_factor_exempt=True,
    )


def _patient(person: Person) -> Patient:
    return Patient(
        id=identifier("patient", person.number),
        user_id=identifier("user", _key(person)),
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        language=person.language,
        source_identifier=f"demo|patient{person.number}",
    )


def _contact_points(persons: Iterable[Person]) -> Iterator[ContactPoint]:
    verified = timezone.now()
    for person in persons:
        email = f"{_key(person)}@{DOMAIN}"
        for system, value in ((ContactSystem.PHONE, person.phone), (ContactSystem.EMAIL, email)):
            point = ContactPoint(
                id=identifier("contact", person.number, system),
                patient_id=identifier("patient", person.number),
                system=system,
                verified_at=verified,
            )
            point.hold(value)
            yield point


def _register(persons: Iterable[Person]) -> None:
    """Register each patient at the clinic where they live, under the clinic's next free number."""
    persons = list(persons)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('patients_record_number') FROM generate_series(1, %s)", [len(persons)])
        numbers = [number for (number,) in cursor.fetchall()]
    Registration.objects.bulk_create(
        Registration(
            id=identifier("registration", person.number),
            patient_id=identifier("patient", person.number),
            clinic_id=identifier("clinic", person.place),
            record_number=f"P{number:06d}",
        )
        for person, number in zip(persons, numbers, strict=True)
    )
