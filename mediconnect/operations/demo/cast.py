"""Who and what is in the demo: clinics, types of visit, rooms, providers and their weeks. Nobody here exists."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Final

PASSWORD: Final = "mediconnect-demo"  # noqa: S105 - printed for everybody; the command refuses where DEBUG is off
DOMAIN: Final = "demo.example"
PATIENTS: Final = 300
SEED: Final = 20_26

# Everything in the demo has an identifier that follows from its name, so that filling twice is filling once.
_NAMESPACE: Final = uuid.UUID("6f1c1f56-52c5-5e0f-9f0e-7d1f5d6b1a10")


def identifier(*words: object) -> uuid.UUID:
    """Return the identifier of the thing with this name, the same on every machine and day."""
    return uuid.uuid5(_NAMESPACE, "/".join(str(word) for word in words))


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic. `patients` is how many of the three hundred are registered there."""

    key: str
    name: str
    timezone: str
    region: str
    phone: str
    address: str
    patients: int

    @property
    def id(self) -> uuid.UUID:
        """The clinic's identifier."""
        return identifier("clinic", self.key)


# Phones lie in ranges that their countries keep for fiction (555-01xx; 020 7946 0xxx). India keeps none, so the third
# clinic has no number and its patients carry foreign ones.
PLACES: Final = (
    Place(
        "harbor", "Harbor Family Clinic", "America/New_York", "US-NY", "+12125550100", "120 Water Street, New York", 120
    ),
    Place("thames", "Thames Side Practice", "Europe/London", "GB-ENG", "+442079460010", "4 Bankside Lane, London", 90),
    Place("lake", "Lakeview Health Centre", "Asia/Kolkata", "IN", "", "18 Lake Road, Kolkata", 90),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of visit; `share` is how often it is chosen when a visit is made up, relative to the others."""

    name: str
    duration: int
    share: int
    buffer_before: int = 0
    buffer_after: int = 0
    start_grid: int = 15
    room_kind: str = ""
    device_kind: str = ""
    bookable_online: bool = True
    daily_limit: int | None = None
    capacity: int = 1
    colour: str = "#3b6ea5"
    only: frozenset[int] = frozenset()
    places: tuple[str, ...] = ("harbor", "thames", "lake")


# `only` names the providers who offer it (dr1 … dr12); empty means everyone at the clinic.
KINDS: Final = (
    Kind("Consultation", 30, 8, buffer_after=5, start_grid=15, room_kind="exam"),
    Kind("Follow-up", 15, 5, colour="#4f8a5b"),
    Kind("Annual check-up", 45, 2, buffer_after=10, room_kind="exam", daily_limit=4, colour="#8a6d3b"),
    Kind(
        "Ultrasound",
        40,
        3,
        buffer_before=5,
        buffer_after=5,
        start_grid=20,
        room_kind="imaging",
        device_kind="ultrasound",
        colour="#6a4f8a",
        only=frozenset({2, 6, 10}),
    ),
    Kind(
        "Back class", 60, 1, start_grid=60, room_kind="group", capacity=8, colour="#2f7f86", only=frozenset({3, 7, 11})
    ),
    Kind(
        "Minor procedure",
        60,
        1,
        buffer_before=10,
        buffer_after=10,
        start_grid=30,
        room_kind="treatment",
        bookable_online=False,
        colour="#a5533b",
        only=frozenset({1, 6, 10}),
    ),
    Kind("Video call", 20, 3, start_grid=20, colour="#5b5b8a", places=("harbor",)),
)

ROOMS: Final = (
    ("Room 1", "exam"),
    ("Room 2", "exam"),
    ("Room 3", "exam"),
    ("Room 4", "exam"),
    ("Imaging", "imaging"),
    ("Treatment room", "treatment"),
    ("Group room", "group"),
)

Stretch = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Week:
    """When somebody works: weekdays as `date.weekday()` counts them, and the stretches of such a day."""

    days: tuple[int, ...]
    stretches: tuple[Stretch, ...]


_EARLY: Final = Week((0, 1, 2, 3, 4), (("08:00", "12:00"), ("12:45", "16:30")))
_USUAL: Final = Week((0, 1, 2, 3, 4), (("09:00", "12:30"), ("13:30", "17:30")))
_LATE: Final = Week((0, 2, 4), (("10:00", "13:00"), ("14:00", "19:00")))
_SHORT: Final = Week((1, 3), (("08:00", "14:00"),))
_WEEKEND: Final = Week((5, 6), (("09:00", "13:00"),))
_SATURDAY: Final = Week((5,), (("09:00", "13:00"),))
_FIRST_HALF: Final = Week((0, 1), (("09:00", "12:30"), ("13:30", "17:00")))
_SECOND_HALF: Final = Week((3, 4), (("09:00", "12:30"), ("13:30", "17:00")))


@dataclass(frozen=True, slots=True)
class Doctor:
    """A provider, what they are, and their weeks by clinic."""

    number: int
    name: str
    specialty: str
    weeks: dict[str, tuple[Week, ...]] = field(hash=False)

    @property
    def id(self) -> uuid.UUID:
        """The provider's identifier."""
        return identifier("provider", self.number)


# The first of each clinic also works on weekends, so that no day is without visits. dr5 and dr9 work at two clinics, on
# days that do not touch whatever the zones.
DOCTORS: Final = (
    Doctor(1, "Dr. Ruth Okafor", "Family medicine", {"harbor": (_USUAL, _WEEKEND)}),
    Doctor(2, "Dr. Daniel Reyes", "Radiology", {"harbor": (_EARLY,)}),
    Doctor(3, "Dr. Hannah Weiss", "Physiotherapy", {"harbor": (_USUAL,)}),
    Doctor(4, "Dr. Minh Tran", "Paediatrics", {"harbor": (_LATE, _SHORT)}),
    Doctor(5, "Dr. Sofia Lindqvist", "Dermatology", {"harbor": (_FIRST_HALF,), "thames": (_SECOND_HALF,)}),
    Doctor(6, "Dr. Oliver Hughes", "General practice", {"thames": (_USUAL, _WEEKEND)}),
    Doctor(7, "Dr. Amira Haddad", "Physiotherapy", {"thames": (_EARLY,)}),
    Doctor(8, "Dr. Callum Fraser", "General practice", {"thames": (_LATE, _SHORT)}),
    Doctor(9, "Dr. Priya Nair", "Cardiology", {"thames": (_FIRST_HALF,), "lake": (_SECOND_HALF,)}),
    Doctor(10, "Dr. Arjun Sen", "General medicine", {"lake": (_USUAL, _WEEKEND)}),
    Doctor(11, "Dr. Meera Iyer", "Physiotherapy", {"lake": (_EARLY, _SATURDAY)}),
    Doctor(12, "Dr. Farhan Ali", "Paediatrics", {"lake": (_LATE, _SHORT)}),
)

# One evening a month, the last Friday, for those who work all day: hours by a rule instead of by weekday.
EVENING: Final = (2, "harbor", "FREQ=MONTHLY;BYDAY=-1FR", dt.time(18), dt.time(20))

# Providers who need other minutes than the type says: (provider, type, minutes).
OWN_PACE: Final = ((4, "Consultation", 40), (12, "Consultation", 40), (8, "Annual check-up", 60))

REASONS: Final = (
    "Sore throat for a week",
    "Blood pressure check",
    "Repeat prescription",
    "Knee pain after a fall",
    "Results of the last tests",
    "Rash on both hands",
    "Headaches in the evening",
    "Vaccination before travelling",
)
