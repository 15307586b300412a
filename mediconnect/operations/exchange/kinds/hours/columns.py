"""The columns of a table of hours."""

from typing import Final

from django.utils.translation import gettext_noop

from mediconnect.operations.exchange.columns import Column

COLUMNS: Final = (
    Column(
        "id",
        gettext_noop("Identifier"),
        gettext_noop("As it stands in an export, to change these hours. Leave it empty for new ones."),
        also=("hours id", "identificador"),
    ),
    Column(
        "provider",
        gettext_noop("Provider"),
        gettext_noop("The name or the identifier of somebody who works here."),
        also=("provider name", "doctor", "name", "profesional", "medico", "proveedor"),
        required=True,
        example="Dr Ana Petrova",
    ),
    Column(
        "weekday",
        gettext_noop("Weekday"),
        gettext_noop("As in Monday or Mon. Empty only where there is a rule."),
        also=("day", "day of week", "dia", "dia de la semana", "wochentag"),
        example="Monday",
    ),
    Column(
        "start",
        gettext_noop("From"),
        gettext_noop("As in 09:00 or 9:00 AM."),
        also=("start time", "begin", "begins", "opens", "desde", "inicio", "von"),
        required=True,
        example="09:00",
    ),
    Column(
        "end",
        gettext_noop("To"),
        gettext_noop("An end at or before the start means the next day."),
        also=("end time", "until", "ends", "closes", "hasta", "fin", "bis"),
        required=True,
        example="17:00",
    ),
    Column(
        "valid_from",
        gettext_noop("Valid from"),
        gettext_noop("The first day. Left empty: today."),
        also=("first day", "start date", "valido desde"),
        is_date=True,
    ),
    Column(
        "valid_until",
        gettext_noop("Valid until"),
        gettext_noop("The last day. Left empty: no end."),
        also=("last day", "end date", "valido hasta"),
        is_date=True,
    ),
    Column(
        "types",
        gettext_noop("Visit types"),
        gettext_noop("Names with a semicolon between them. Left empty: all that the clinic offers."),
        also=("types", "appointment types", "visit type", "tipos de visita", "tipos"),
    ),
    Column(
        "rule",
        gettext_noop("Rule"),
        gettext_noop("For hours that do not come each week: a rule of iCalendar, as in FREQ=MONTHLY;BYDAY=-1FR."),
        also=("rrule", "regla"),
    ),
)
