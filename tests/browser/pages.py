"""Pages of the portal, by the name of their address: who opens each, and what has to be known for it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from tests.browser.clinic_day import ClinicDay

Reader = Literal["desk", "admin", "doctor"]


def _of_the_clinic(_day: ClinicDay) -> dict[str, Any]:
    return {}


# Name of the address → who looks at it, and its arguments beside the clinic.
PAGES: Final[Mapping[str, tuple[Reader, Callable[[ClinicDay], dict[str, Any]]]]] = {
    "board": ("desk", _of_the_clinic),
    "week": ("desk", _of_the_clinic),
    "month": ("desk", _of_the_clinic),
    "reports": ("desk", _of_the_clinic),
    "setup": ("admin", _of_the_clinic),
}
