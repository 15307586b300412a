"""Ordinary names of many origins, some written from right to left, and numbers that ring nowhere."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .cast import PATIENTS, PLACES, SEED


@dataclass(frozen=True, slots=True)
class Person:
    """A patient of the demo; `number` is the one in their address."""

    number: int
    place: str
    given_name: str
    family_name: str
    language: str
    birth_date: dt.date
    phone: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Names that go together, and the language that their bearers mostly prefer."""

    language: str
    given: tuple[str, ...]
    family: tuple[str, ...]


_ENGLISH: Final = Origin(
    "en",
    ("Grace", "James", "Olivia", "Henry", "Ella", "George", "Ruby", "Samuel", "Alice", "Thomas", "Megan", "Jack"),
    (
        "Turner",
        "Walsh",
        "Brooks",
        "Campbell",
        "Foster",
        "Hayes",
        "Murphy",
        "Palmer",
        "Reid",
        "Sinclair",
        "Ward",
        "Young",
    ),
)
_SPANISH: Final = Origin(
    "es",
    ("Lucía", "Mateo", "Carmen", "Diego", "Elena", "Andrés", "Marta", "Íñigo"),
    ("García", "Muñoz", "Fernández", "Peña", "Ortega", "Núñez", "Vargas", "Ibáñez"),
)
_WEST_AFRICAN: Final = Origin(
    "en",
    ("Adaeze", "Kwame", "Ngozi", "Kofi", "Yaa", "Chidi", "Amina", "Sekou"),
    ("Mensah", "Adeyemi", "Boateng", "Nwosu", "Diallo", "Owusu", "Eze", "Traoré"),
)
_ARABIC: Final = Origin(
    "ar",
    ("ليلى", "عمر", "فاطمة", "يوسف", "مريم", "خالد"),
    ("حداد", "الخطيب", "منصور", "نجار", "سليمان", "العلي"),
)
_HEBREW: Final = Origin("he", ("נועה", "איתן", "תמר", "דוד"), ("כהן", "לוי", "מזרחי", "פרידמן"))
_EAST_ASIAN: Final = Origin(
    "en",
    ("Mei", "Hiroshi", "Ji-woo", "Lan", "Wei", "Sakura", "Minh", "Hye-jin"),
    ("Chen", "Tanaka", "Park", "Nguyen", "Zhang", "Sato", "Lim", "Pham"),
)
_EAST_EUROPEAN: Final = Origin(
    "en",
    ("Zofia", "Ondřej", "Katarzyna", "Miloš", "Oksana", "Andrei", "Ilse", "Jürgen"),
    ("Kowalska", "Novák", "Wójcik", "Petrović", "Shevchenko", "Popescu", "Großmann", "Łuczak"),
)
_SOUTH_ASIAN: Final = Origin(
    "en",
    ("Ananya", "Rahul", "Kavita", "Imran", "Debashis", "Lakshmi", "Sunita", "Vikram", "Ishaan", "Nandini"),
    ("Banerjee", "Sharma", "Patel", "Khan", "Das", "Reddy", "Mukherjee", "Singh", "Rao", "Chatterjee"),
)
_HINDI: Final = Origin("hi", ("आरती", "रोहन", "सीमा", "अमित"), ("शर्मा", "वर्मा", "गुप्ता", "यादव"))
_URDU: Final = Origin("ur", ("زینب", "بلال", "عائشہ", "حسن"), ("قریشی", "ملک", "شیخ", "انصاری"))

_BY_PLACE: Final = {
    "harbor": (_ENGLISH, _SPANISH, _WEST_AFRICAN, _EAST_ASIAN, _HEBREW, _ENGLISH, _ARABIC, _EAST_EUROPEAN),
    "thames": (_ENGLISH, _SOUTH_ASIAN, _WEST_AFRICAN, _EAST_EUROPEAN, _ARABIC, _ENGLISH, _URDU, _EAST_ASIAN),
    "lake": (_SOUTH_ASIAN, _HINDI, _SOUTH_ASIAN, _URDU, _SOUTH_ASIAN, _ENGLISH),
}

# Guardian, dependant, and how they are related. The dependants are children of between two and fourteen years.
FAMILIES: Final = ((1, 2), (1, 3), (21, 22), (40, 41), (130, 131), (215, 216), (215, 217))
_CHILDREN: Final = {child: guardian for guardian, child in FAMILIES}

_AREA_CODES: Final = (212, 718, 914, 516)


def _phone(number: int, place: str) -> str:
    """Return a number kept for fiction: 555-01xx in North America, 07700 900xxx in Britain; each is given once."""
    if place == "harbor":
        return f"+1{_AREA_CODES[number // 100 % len(_AREA_CODES)]}55501{number % 100:02d}"
    return f"+447700900{number:03d}"


def people(today: dt.date) -> Iterator[Person]:
    """Yield the three hundred in order, the same ones on every day; ages are counted from `today`."""
    dice = random.Random(SEED)  # noqa: S311 - the same people each time, which is the point
    places = [place.key for place in PLACES for _ in range(place.patients)]
    families: dict[int, str] = {}
    for number, place in zip(range(1, PATIENTS + 1), places, strict=True):
        origins = _BY_PLACE[place]
        guardian = _CHILDREN.get(number)
        origin = origins[(guardian or number) % len(origins)]
        given = dice.choice(origin.given)
        families[number] = families[guardian] if guardian else dice.choice(origin.family)
        days = dice.randrange(2 * 365, 14 * 365) if guardian else dice.randrange(18 * 365, 90 * 365)
        yield Person(
            number,
            place,
            given,
            families[number],
            origin.language,
            today - dt.timedelta(days=days),
            _phone(number, place),
        )
