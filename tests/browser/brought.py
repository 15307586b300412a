"""A file of patients that was brought to the clinic of the day, with a row of each sort, and looked at."""

from mediconnect.operations.exchange.looking import look_at_batch
from mediconnect.operations.exchange.receiving import receive
from mediconnect.operations.models import ImportRun
from patients.models import Registration
from tests.browser.clinic_day import ClinicDay


def brought(day: ClinicDay) -> ImportRun:
    """Bring the file and let its rows be looked at."""
    patient = next(iter(day.patients.values()))
    number = Registration.objects.get(patient=patient, clinic=day.clinic).record_number
    lines = (
        "Record number,Given name,Family name,Birth date,Shoe size",
        f"{number},{patient.given_name},Renamed,,42",
        f"X1,{patient.given_name},{patient.family_name},{patient.birth_date or ''},",
        "X2,Ines,Duarte,1980-02-29,",
        "X3,Omar,Farouk,never,",
    )
    content = "\n".join(lines).encode()
    run = receive(clinic_id=day.clinic.pk, kind="patients", content=content, file_name="people.csv", by_id=day.admin.pk)
    while look_at_batch():
        pass
    run.refresh_from_db()
    return run
