"""What a clinic's own words must not say and must not lack; each refusal has its code, a sentence, and its place."""

import pytest
from django.utils import translation

from notifications.rules.wording.filling import Wording
from notifications.rules.wording.linting import ClinicWords, Finding, breaks_the_rules, lint

GOOD = "{clinic}: {day} at {time}. Reply 1 to confirm, 2 for a call. {link} STOP to end"
MAIL = "We see you at {clinic} on {day} at {time}.\n\n{link}"
OF_THE_CLINIC = ClinicWords(types=("Knee check", "Visit", "Primera consulta"), specialties=("Podology",))


def look(text: str, *, kind: str = "reminder", channel: str = "sms", subject: str = "Your visit") -> list[Finding]:
    return lint(text, kind=kind, channel=channel, clinic_words=OF_THE_CLINIC, subject=subject)


def codes(text: str, **what: str) -> list[str]:
    return [finding.code for finding in look(text, **what)]


def test_good_words_have_nothing_against_them() -> None:
    assert look(GOOD) == []
    assert look(MAIL, channel="email") == []
    assert look("{clinic}: {when_list}. {link} STOP to end") == []
    assert look("{clinic}: {day}, {time}.[ Call {phone}.] {link} Reply STOP to end") == []


@pytest.mark.parametrize(
    ("text", "code", "excerpt"),
    [
        ("Your diabetes check. " + GOOD, "health_word", "diabetes"),
        ("Bring your test results. " + GOOD, "health_word", "test result"),
        ("Su cirugía. " + GOOD, "health_word", "cirugía"),
        ("SU ECOGRAFÍA. " + GOOD, "health_word", "ECOGRAFÍA"),
        ("HIV clinic. " + GOOD, "health_word", "HIV"),
        ("Your knee  CHECK. " + GOOD, "type_of_visit", "knee  CHECK"),
        ("Su primera consulta. " + GOOD, "type_of_visit", "primera consulta"),
        ("Podology: " + GOOD, "specialty", "Podology"),
        ("See https://evil.example/{link} " + GOOD, "other_link", "https://evil.example/{link}"),
        ("See www.harbour.example. " + GOOD, "other_link", "www.harbour.example"),
        ("See harbour-clinic.com/visit " + GOOD, "other_link", "harbour-clinic.com/visit"),
        ("bit.ly/x " + GOOD, "other_link", "bit.ly/x"),
        ("{name} " + GOOD, "unknown_placeholder", "{name}"),
        ("{ day } " + GOOD, "unknown_placeholder", "{ day }"),
        ("{clinic.phone} " + GOOD, "unknown_placeholder", "{clinic.phone}"),
        ("{code} " + GOOD, "unknown_placeholder", "{code}"),
        ("Reply CANCEL to cancel. " + GOOD, "reply_word_taken", "CANCEL"),
        ("Reply “yes” to confirm. " + GOOD, "reply_word_taken", "YES"),
        ("Responda cancel. " + GOOD, "reply_word_taken", "CANCEL"),
        ("END = no visit. " + GOOD, "reply_word_taken", "END"),
        ("QUIT UNSUBSCRIBE. " + GOOD, "reply_word_taken", "QUIT"),
        ("STOPALL. " + GOOD, "reply_word_taken", "STOPALL"),
        ("Text STOP to cancel your visit. " + GOOD, "reply_word_taken", "STOP to cancel"),
        ("{clinic}: {day}. {link} STOP to end", "missing_placeholder", "{time}"),
        ("{clinic}: {time}. {link} STOP to end", "missing_placeholder", "{day}"),
        ("{clinic}: {day} {time}. STOP to end", "missing_placeholder", "{link}"),
        ("{clinic}: {day} {time}.[ {link}] STOP to end", "missing_placeholder", "{link}"),
    ],
)
def test_each_error_says_what_is_meant(text: str, code: str, excerpt: str) -> None:
    found = [(f.code, f.excerpt) for f in look(text) if f.is_error]
    assert (code, excerpt) in found
    assert all(len(finding.sentence) > 10 for finding in look(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("  ", "empty"),
        ("x" * 2001, "too_long"),
        (GOOD + " {day", "loose_brace"),
        (GOOD + " day}", "loose_brace"),
        (GOOD + " [call {phone}", "loose_bracket"),
        (GOOD + " [call [now] {phone}]", "loose_bracket"),
        (GOOD.replace(" STOP to end", ""), "no_way_to_stop"),
        (GOOD.replace(" STOP", " stop"), "no_way_to_stop"),
        (GOOD + " \u202egnp", "control_character"),
        (GOOD + "\x07", "control_character"),
        (GOOD + "x" * 600, "too_many_segments"),
    ],
)
def test_what_is_refused_as_a_whole(text: str, code: str) -> None:
    assert code in [finding.code for finding in look(text) if finding.is_error]


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("", "no_subject"),
        ("One\r\nBcc: everybody@mail.example", "control_character"),
        ("x" * 121, "long_subject"),
        ("Your chemotherapy", "health_word"),
        ("Knee check", "type_of_visit"),
        ("{provider} sees you", "unknown_placeholder"),
        ("{link}", "unknown_placeholder"),
    ],
)
def test_a_subject_is_looked_at_as_well(subject: str, code: str) -> None:
    assert [(f.code, f.where) for f in look(MAIL, channel="email", subject=subject)] == [(code, "subject")]


def test_a_text_message_has_no_subject_to_look_at() -> None:
    assert look(GOOD, subject="Your chemotherapy") == []


def test_what_costs_is_a_warning_and_may_be_saved() -> None:
    accents = GOOD.replace("Reply", "Más: reply")
    found = look(accents)
    assert {(f.code, f.excerpt, f.severity) for f in found if f.code == "costly_characters"} == {
        ("costly_characters", "á", "warning")
    }
    assert [f.code for f in look(GOOD + "x" * 300)] == ["many_segments"]
    assert [f.code for f in look(GOOD.replace("{clinic}", "We"))] == ["no_sender"]
    assert not breaks_the_rules(Wording("", accents), kind="reminder", channel="sms", clinic_words=OF_THE_CLINIC)


@pytest.mark.parametrize(
    "text",
    [
        "Tell us if you are still able to come.",
        "Please bring your card and a list of questions.",
        "Le esperamos. Estimamos su visita. Llegue con tiempo.",
        "Write to desk@harbour.example. Gracias.Le esperamos",
        "Your visit with {provider}, {address}",
        "It will end at noon; you may cancel by the link. Yes, really.",
        "Hives are for bees; a still mind, a pill box hat, an estimate, a sister.",
    ],
)
def test_ordinary_words_are_let_be(text: str) -> None:
    assert [f for f in look(f"{text} {GOOD}") if f.is_error] == []


def test_other_kinds_ask_for_what_they_need() -> None:
    assert codes("{clinic}: please call us. STOP to end", kind="please_call") == []
    assert codes("{clinic}: cancelled. STOP to end", kind="cancelled") == ["missing_placeholder"] * 2
    assert codes("Your password", kind="password_changed", channel="email") == []
    assert codes("Your code", kind="account_code", channel="email") == ["missing_placeholder"]


def test_the_same_finding_is_told_once() -> None:
    assert codes("cancer, cancer. " + GOOD) == ["health_word"]


def test_sentences_are_in_the_readers_language() -> None:
    with translation.override("es"):
        (finding,) = look("cancer. " + GOOD)
    assert finding.sentence == "Quite “cancer”: un mensaje no dice nada de la salud de nadie."
