"""What a clinic calls its kinds of visits and its providers' fields: words that would tell why somebody comes."""

import uuid

from notifications.rules.wording.linting import ClinicWords
from providers.models import AppointmentType, PractitionerRole


def words_that_tell(clinic_id: uuid.UUID) -> ClinicWords:
    """Return the names of all its types of visit and the specialties of all its providers, of former ones as well."""
    types = AppointmentType.objects.filter(clinic=clinic_id).order_by("name").values_list("name", flat=True)
    fields = PractitionerRole.objects.filter(clinic=clinic_id).exclude(specialty="").order_by("specialty")
    return ClinicWords(tuple(types), tuple(fields.values_list("specialty", flat=True).distinct()))
