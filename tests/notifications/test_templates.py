"""A clinic keeps words of its own, looks at them first, and gives them up again; each change stays in the history."""

import threading
import time
import uuid

import pytest
from django.db import connection
from pytest_django import Settings

from mediconnect.errors import Invalid, NotFound, VersionConflict
from mediconnect.records.models import Change
from notifications.models import Channel, Kind, Template
from notifications.services.previewing import Preview, preview
from notifications.services.templates import EDITABLE, reset_template, save_template
from providers.models import AppointmentType
from tests.appointments.conftest import SmallClinic, small_clinic

GOOD = "{clinic}: {day} at {time}. Reply 1 to confirm. {link} STOP to end"


@pytest.fixture
def place(db: None) -> SmallClinic:
    return small_clinic(patients=1)


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://visits.clinic.example"


def save(place: SmallClinic, body: str = GOOD, expected: int | None = None, **changes: str) -> Template:
    chosen = {"kind": "reminder", "channel": "sms", "language": "en", "subject": ""} | changes
    return save_template(clinic_id=place.clinic.pk, body=body, expected=expected, by_id=place.desk.pk, **chosen)


def reset(place: SmallClinic, expected: int) -> None:
    reset_template(
        clinic_id=place.clinic.pk, kind="reminder", channel="sms", language="en", expected=expected, by_id=place.desk.pk
    )


def test_words_are_kept_changed_and_given_up_and_each_change_says_who(place: SmallClinic) -> None:
    kept = save(place)
    assert (kept.version, kept.body) == (1, GOOD)
    changed = save(place, "Hello! " + GOOD, expected=1)
    assert (changed.pk, changed.version, changed.body) == (kept.pk, 2, "Hello! " + GOOD)
    reset(place, expected=2)
    assert not Template.objects.exists()
    history = Change.objects.of(kept)
    assert [change.operation for change in history] == ["insert", "update", "delete"]
    assert {change.actor_id for change in history} == {place.desk.pk}
    assert history[1].before == {"body": GOOD}
    assert history[2].before["body"] == "Hello! " + GOOD


def test_who_saw_an_older_version_is_told_what_holds_now(place: SmallClinic) -> None:
    save(place)
    save(place, "Two. " + GOOD, expected=1)
    for late in (1, 3, None):
        with pytest.raises(VersionConflict) as conflict:
            save(place, "Late. " + GOOD, expected=late)
        assert conflict.value.extra == {"current_version": 2}
        assert conflict.value.template.body == "Two. " + GOOD  # type: ignore[attr-defined]
    with pytest.raises(VersionConflict):
        reset(place, expected=1)
    assert Template.objects.get().body == "Two. " + GOOD
    reset(place, expected=2)
    with pytest.raises(VersionConflict) as gone:
        save(place, expected=2)
    assert gone.value.template is None  # type: ignore[attr-defined]
    with pytest.raises(VersionConflict):
        reset(place, expected=2)


def test_errors_are_told_by_field_and_nothing_is_kept(place: SmallClinic) -> None:
    with pytest.raises(Invalid) as refused:
        save(place, "Your cancer. {day}", channel="email", subject="Your consultation")
    errors = refused.value.extra["errors"]
    assert set(errors) == {"subject", "body"}
    assert "Leave out “Consultation”" in errors["subject"][0].replace("consultation", "Consultation")
    assert len(errors["body"]) == 3  # health, {time}, {link}
    assert not Template.objects.exists()


def test_a_warning_keeps_nobody_from_saving(place: SmallClinic) -> None:
    assert save(place, "Más: " + GOOD).body.startswith("Más")


@pytest.mark.parametrize(
    ("name", "value"),
    [("kind", "password_reset"), ("kind", "nothing"), ("channel", "fax"), ("language", "tlh"), ("language", "en-GB")],
)
def test_what_a_clinic_does_not_word_is_refused(place: SmallClinic, name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        save(place, GOOD, None, **{name: value})
    assert list(refused.value.extra["errors"]) == [name]


def test_a_clinic_that_is_not_there_words_nothing(place: SmallClinic) -> None:
    with pytest.raises(NotFound):
        save_template(
            clinic_id=uuid.uuid4(), kind="reminder", channel="sms", language="en", subject="", body=GOOD,
            expected=None, by_id=place.desk.pk,
        )  # fmt: skip


def test_what_is_typed_is_tidied(place: SmallClinic) -> None:
    kept = save(place, "  man\u0303ana\r\n" + GOOD + "\r\n", subject="dropped")
    assert kept.body == "mañana\n" + GOOD
    assert kept.subject == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told_of_the_other() -> None:
    place = small_clinic(patients=1)
    barrier, outcomes = threading.Barrier(4), list[str]()

    def editor(number: int, expected: int | None) -> None:
        try:
            barrier.wait()
            save(place, f"{number}. {GOOD}", expected=expected)
            outcomes.append("saved")
        except VersionConflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    for expected in (None, 1):
        outcomes.clear()
        editors = [threading.Thread(target=editor, args=(number, expected)) for number in range(4)]
        for thread in editors:
            thread.start()
        for thread in editors:
            thread.join()
        assert sorted(outcomes) == ["conflict"] * 3 + ["saved"]
    assert Template.objects.get().version == 2


def look(place: SmallClinic, body: str = GOOD, channel: Channel = Channel.SMS, **changes: str) -> Preview:
    return preview(
        place.clinic, Kind.REMINDER, channel, changes.get("language", "en"), changes.get("subject", ""), body
    )


def test_a_preview_shows_a_visit_that_nobody_booked_and_what_it_costs(place: SmallClinic) -> None:
    shown = look(place)
    assert place.clinic.name in shown.body
    assert ", 9:30 AM" in shown.body.replace(" at ", ", ")
    assert "https://visits.clinic.example/a/xxxxxxxxxxxxxxxxxxxxxx/" in shown.body
    assert (shown.encoding, shown.segments, shown.costly_characters, shown.findings) == ("GSM-7", 1, (), [])
    assert shown.characters == len(shown.body)
    assert shown.may_be_saved
    dear = look(place, "Más: " + GOOD)
    assert (dear.encoding, dear.segments, dear.costly_characters) == ("UCS-2", 2, ("á",))
    assert dear.may_be_saved


def test_a_preview_of_mail_shows_it_as_mail(place: SmallClinic) -> None:
    shown = look(place, "{day}, {time}\n\n{link}", Channel.EMAIL, subject="Su cita: {day}", language="es")
    assert shown.subject.startswith("Su cita: lunes")
    assert 'class="button"' in shown.html
    assert (shown.segments, shown.encoding, shown.costly_characters) == (None, "", ())
    assert shown.may_be_saved


def test_a_preview_is_shown_whatever_is_typed(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(name="Knee check")
    for typed in ("", "   ", "{", "{day", "[[{time}", "x" * 5000, "knee check", "\u202e", "{{{{", "%s %(x)s {0}"):
        for channel in Channel:
            assert not look(place, typed, channel).may_be_saved


@pytest.mark.parametrize("typed", ["a\n" + " " * 60_000 + "b", "[" + "{a}" * 20_000, "a." * 30_000])
def test_a_preview_of_what_is_far_too_long_takes_no_time(place: SmallClinic, typed: str) -> None:
    """Looking through a megabyte of blanks would hold one of the threads that serve the clinic for minutes."""
    began = time.monotonic()
    shown = look(place, typed)
    assert time.monotonic() - began < 1
    assert "too_long" in {finding.code for finding in shown.findings}


@pytest.mark.parametrize("kind", EDITABLE)
def test_what_is_editable_speaks_of_visits(kind: Kind) -> None:
    assert kind.about_a_visit
