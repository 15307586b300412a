"""The columns of a table of patients."""

from typing import Final

from django.utils.translation import gettext_noop

from mediconnect.operations.exchange.columns import Column

COLUMNS: Final = (
    Column(
        "record_number",
        gettext_noop("Record number"),
        gettext_noop(
            "The clinic's own number of the patient: it says who is meant. Without it, somebody new gets the next number."
        ),
        also=("number", "patient number", "patient id", "mrn", "numero", "numero de historia", "historia clinica", "expediente"),
        example="P000123",
    ),
    Column(
        "given_name",
        gettext_noop("Given name"),
        gettext_noop("At least one of the two names has to be there."),
        also=("first name", "firstname", "forename", "given", "nombre", "nombres", "vorname", "prenom"),
        example="Maria",
    ),
    Column(
        "family_name",
        gettext_noop("Family name"),
        gettext_noop("At least one of the two names has to be there."),
        also=("last name", "lastname", "surname", "family", "apellido", "apellidos", "nachname", "nom"),
        example="Santos",
    ),
    Column(
        "birth_date",
        gettext_noop("Birth date"),
        gettext_noop("As in 1980-02-29, or as the clinic's country writes dates."),
        also=("date of birth", "birthdate", "birthday", "dob", "born", "fecha de nacimiento", "nacimiento", "geburtsdatum"),
        example="1980-02-29",
        is_date=True,
    ),
    Column(
        "phone",
        gettext_noop("Phone"),
        gettext_noop("The number to be tried first. One that is new takes the place of the former, which is retired."),
        also=("phone number", "mobile", "cell", "telephone", "telefono", "movil", "celular", "telefon"),
        example="+1 555 010 4821",
    ),
    Column(
        "email",
        gettext_noop("E-mail"),
        gettext_noop("As with the phone."),
        also=("e-mail address", "email address", "mail", "correo", "correo electronico"),
        example="maria@example.org",
    ),
    Column(
        "messages_allowed",
        gettext_noop("Messages allowed"),
        gettext_noop("yes or no: may the clinic write to this phone and e-mail? Left empty, a new number is not written to."),
        also=("consent", "may be contacted", "mensajes permitidos", "consentimiento"),
        example="yes",
    ),
    Column(
        "language",
        gettext_noop("Language"),
        gettext_noop("The language of messages, as in en or Spanish. Left empty: English."),
        also=("preferred language", "idioma", "lengua", "sprache"),
        example="en",
    ),
    Column(
        "timezone",
        gettext_noop("Time zone"),
        gettext_noop("As in America/New_York, where it is not the clinic's."),
        also=("time zone", "zona horaria"),
    ),
    Column(
        "notes",
        gettext_noop("Notes"),
        gettext_noop("Notes about the patient, 4,000 characters at most. They take the place of those that are there."),
        also=("note", "remarks", "comments", "notas", "observaciones"),
    ),
)  # fmt: skip
