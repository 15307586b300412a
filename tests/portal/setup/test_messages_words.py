"""A clinic's own words: looked at as they are typed, refused with what to do, kept by version, given up for ours."""

from typing import Any

import pytest

from mediconnect.accounts.models import User
from notifications.models import Template
from notifications.services.templates import save_template
from providers.models import AppointmentType, Role
from tests.factories import MembershipFactory
from tests.portal.setup.conftest import House, browser_of, words

pytestmark = pytest.mark.django_db

LIST = "messages/words/"
TEXT = "messages/words/reminder/sms/en/"
MAIL = "messages/words/booked/email/es/"
GOOD = "{clinic}: see you {day}, {time}. Reply 1 to confirm. {link} STOP to end"
LOOK = {"HX-Request": "true", "HX-Target": "preview"}


def kept(house: House, body: str = GOOD, expected: int | None = None) -> Template:
    """Keep words for the reminder by text message, in English."""
    chosen: dict[str, Any] = {"kind": "reminder", "channel": "sms", "language": "en"}
    return save_template(
        clinic_id=house.clinic.pk, subject="", body=body, expected=expected, by_id=house.admin.pk, **chosen
    )


def test_the_list_says_whose_words_each_message_has(house: House) -> None:
    page = house.get(LIST)
    html = page.content.decode()
    assert page.status_code == 200
    assert html.count(f'href="{house.address(LIST)}') == 10 * 4 + 1  # and the tab
    assert "<strong>yours</strong>" not in html
    kept(house)
    assert house.get(LIST).content.decode().count("<strong>yours</strong>") == 1
    assert "1 message in your words" in words(house.get())


def test_words_that_a_new_type_of_visit_spoils_are_marked_as_not_used(house: House) -> None:
    kept(house, "{clinic}: our Lantern visit is {day}, {time}. {link} STOP to end")
    assert "not used" not in words(house.get(LIST))
    AppointmentType.objects.filter(pk=house.kind.pk).update(name="Lantern")
    assert "not used" in words(house.get(LIST))


def test_the_editor_begins_with_our_words_and_shows_them_filled_in(house: House) -> None:
    page = house.get(TEXT)
    said = words(page)
    assert "our words" in said
    assert "{clinic} reminds you" in page.content.decode()
    assert "Harbour reminds you" in said
    assert "plain letters (GSM-7: 160 to a part)" in said
    assert "Nothing is wrong with these words." in said
    mail = house.get(MAIL).content.decode()
    assert 'name="subject"' in mail
    assert 'lang="es"' in mail
    assert "Ver su cita" in mail
    assert 'name="subject"' not in page.content.decode()


def test_own_words_are_kept_and_the_history_says_by_whom(house: House) -> None:
    answer = house.post(TEXT, {"version": "0", "body": GOOD})
    assert (answer.status_code, answer["Location"]) == (303, house.address(LIST))
    row = Template.objects.get()
    assert (row.clinic, row.kind, row.channel, row.language, row.body) == (house.clinic, "reminder", "sms", "en", GOOD)
    house.post(TEXT, {"version": "1", "body": GOOD.replace("see you", "we see you")})
    page = house.get(TEXT)
    said = words(page)
    assert said.count(house.admin.display_name) >= 2
    assert "Words of your own" in said
    assert f"<del>{GOOD}</del>" in page.content.decode()


def test_a_look_as_one_types_saves_nothing_and_tells_the_cost(house: House) -> None:
    page = house.post(TEXT, {"version": "0", "look": "1", "body": GOOD + " mañana será"}, **LOOK)
    html = page.content.decode()
    assert page.status_code == 200
    assert "<html" not in html
    assert '<div id="cost" hx-swap-oob="innerHTML">' in html
    assert "<kbd>á</kbd>" in html
    assert "ñ</kbd>" not in html, "ñ costs nothing"
    assert "UCS-2" in html
    assert not Template.objects.exists()


def test_without_scripts_a_button_shows_it_and_keeps_what_was_typed(house: House) -> None:
    page = house.post(MAIL, {"version": "0", "look": "1", "subject": "Cita: {day}", "body": "Hola {day} {time} {link}"})
    html = page.content.decode()
    assert page.status_code == 200
    assert 'value="Cita: {day}"' in html
    assert "Hola {day} {time} {link}</textarea>" in html
    assert not Template.objects.exists()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{clinic}: your chemotherapy {day}, {time}. {link} STOP to end", "Leave out “chemotherapy”"),
        ("{clinic}: {day}, {time}. {link}", "Say how to stop the messages"),
        ("{clinic}: {day}. {link} STOP to end", "Say {time}, outside of brackets."),
        ("{clinic}: {day}, {time} {name} {link} STOP to end", "“{name}” is not filled in here."),
        ("", "Write something."),
    ],
)
def test_words_with_a_mistake_are_refused_with_what_to_do(house: House, body: str, sentence: str) -> None:
    page = house.post(TEXT, {"version": "0", "body": body})
    assert page.status_code in (400, 422)
    assert sentence in words(page).replace("&quot;", '"')
    assert not Template.objects.exists()


def test_markup_in_words_stays_words(house: House) -> None:
    page = house.post(TEXT, {"version": "0", "look": "1", "body": "<svg onload=alert(1)> {clinic}"})
    assert "<svg onload" not in page.content.decode()


def test_two_editors_clash_and_one_puts_the_own_on_top(house: House) -> None:
    row = kept(house)
    kept(house, GOOD + "!", expected=row.version)
    page = house.post(TEXT, {"version": "1", "body": GOOD + "?"})
    assert page.status_code == 409
    assert f"{house.admin.display_name} changed it at" in words(page)
    clash = page.context["clash"]
    assert house.post(TEXT, {"version": clash.version, **dict(clash.fields.items())}).status_code == 303
    assert Template.objects.get().body == GOOD + "?"


def test_two_first_words_clash_and_so_do_words_that_were_given_up(house: House) -> None:
    kept(house)
    assert house.post(TEXT, {"version": "0", "body": GOOD + "?"}).status_code == 409
    Template.objects.all().delete()
    page = house.post(TEXT, {"version": "1", "body": GOOD + "?"})
    assert (page.status_code, page.context["clash"].version) == (409, 0)
    assert house.post(TEXT, {"version": "0", "body": GOOD + "?"}).status_code == 303


def test_ours_are_used_again_after_one_question_and_nothing_is_forgotten(house: House) -> None:
    row = kept(house)
    question = house.get(TEXT + "ours/")
    assert "Use our words again?" in words(question)
    assert "{clinic} reminds you" in words(question)
    assert house.post(TEXT + "ours/", {"version": row.version + 1}).status_code == 409
    assert Template.objects.exists()
    answer = house.post(TEXT + "ours/", {"version": row.version})
    assert answer.status_code == 303
    assert not Template.objects.exists()
    said = words(house.get(TEXT))
    assert "Given up for ours" in said
    assert "Ours are used already." in words(house.get(TEXT + "ours/"))


@pytest.mark.parametrize("which", ["password_reset/email/en", "reminder/fax/en", "reminder/sms/tlh", "x/x/x"])
def test_what_a_clinic_does_not_word_is_not_there(house: House, which: str) -> None:
    for part in (f"{LIST}{which}/", f"{LIST}{which}/ours/"):
        assert house.get(part).status_code == 404
        assert house.post(part, {"version": "1", "body": GOOD}).status_code == 404


def test_the_desk_reads_and_does_not_write(house: House) -> None:
    desk = browser_of(MembershipFactory.create(clinic=house.clinic, role=Role.FRONT_DESK).user)
    row = kept(house)
    for part in (LIST, TEXT, MAIL, TEXT + "ours/"):
        page = desk.get(house.address(part))
        assert page.status_code == 200
        assert "<textarea" not in page.content.decode()
    for part in (TEXT, MAIL, TEXT + "ours/"):
        for form in ({"version": row.version, "body": GOOD + "!"}, {"look": "1", "body": GOOD}):
            assert desk.post(house.address(part), form).status_code == 403
    assert Template.objects.get().body == GOOD


def test_a_clinic_reads_no_words_of_another_nor_who_wrote_them(house: House, strangers: House) -> None:
    User.objects.filter(pk=strangers.admin.pk).update(display_name="Ngozi Adeyemi")
    kept(strangers, GOOD.replace("see you", "lantern light"))
    for part in (LIST, TEXT, TEXT + "ours/"):
        assert house.browser.get(strangers.address(part)).status_code == 404
        html = house.get(part).content.decode()
        assert "lantern light" not in html
        assert "Ngozi" not in html
    assert house.browser.post(strangers.address(TEXT), {"version": "1", "body": GOOD}).status_code == 404
    assert house.browser.post(strangers.address(TEXT + "ours/"), {"version": "1"}).status_code == 404
    assert house.post(TEXT, {"version": "1", "body": GOOD}).status_code == 409, "the stranger's version is none here"
    assert "lantern light" in Template.objects.get().body
