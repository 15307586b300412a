"""The columns of a table of visits."""

from typing import Final

from django.utils.translation import gettext_noop

from mediconnect.operations.exchange.columns import Column

COLUMNS: Final = (
    Column(
        "id",
        gettext_noop("Identifier"),
        gettext_noop("As it stands in an export: a visit that was moved since is recognised by it. Leave it empty for new ones."),
        also=("visit id", "appointment id", "identificador"),
    ),
    Column(
        "record_number",
        gettext_noop("Record number"),
        gettext_noop("Of a patient who is registered here: import patients first."),
        also=("patient number", "patient id", "mrn", "numero de historia", "historia clinica", "expediente"),
        required=True,
        example="P000123",
    ),
    Column(
        "patient",
        gettext_noop("Patient"),
        gettext_noop("The name, for people to read; the record number says who it is."),
        also=("patient name", "name", "paciente"),
        told=True,
        example="Maria Santos",
    ),
    Column(
        "type",
        gettext_noop("Visit type"),
        gettext_noop("One that the clinic offers."),
        also=("appointment type", "service", "tipo de visita", "tipo", "servicio"),
        required=True,
        example="Consultation",
    ),
    Column(
        "provider",
        gettext_noop("Provider"),
        gettext_noop("The name or the identifier of somebody who works here."),
        also=("provider name", "doctor", "with", "profesional", "medico", "proveedor"),
        required=True,
        example="Dr Ana Petrova",
    ),
    Column(
        "date",
        gettext_noop("Date"),
        gettext_noop("As in 2026-11-30, or as the clinic's country writes dates."),
        also=("day", "visit date", "appointment date", "fecha", "datum"),
        required=True,
        example="2026-11-30",
        is_date=True,
    ),
    Column(
        "time",
        gettext_noop("Time"),
        gettext_noop("By the clinic's clock, as in 09:30 or 9:30 AM."),
        also=("start", "start time", "begins", "hora", "uhrzeit"),
        required=True,
        example="09:30",
    ),
    Column(
        "minutes",
        gettext_noop("Minutes"),
        gettext_noop("How long it lasts. Left empty: as long as the type says."),
        also=("duration", "length", "minutos", "duracion"),
        example="30",
    ),
    Column(
        "status",
        gettext_noop("Status"),
        gettext_noop("Of a visit that is over: completed, cancelled or no-show. Those to come are booked."),
        also=("state", "estado"),
    ),
    Column(
        "reason",
        gettext_noop("Reason"),
        gettext_noop("Why the patient comes, 1,000 characters at most."),
        also=("reason for visit", "motivo"),
    ),
)  # fmt: skip
