"""What a person means who answers a text message: a few words in two languages, and nothing that has to be guessed."""

import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Meant(enum.StrEnum):
    """What was understood; the values are those of `Reply.Meaning`."""

    CONFIRM = "confirm"
    CALL = "call"
    ACCEPT = "accept"  # of a time that was offered or proposed: a yes
    DECLINE = "decline"
    STOP = "stop"
    START = "start"
    HELP = "help"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text means.

    `opts_in` is true of a word with which carriers lift a STOP (YES): from somebody who had stopped, it means that.
    `may_mean_visit` is true of CANCEL and its like: carriers take it for STOP, people mean the visit, so somebody looks.
    `answered` is true where the carrier answers by itself. `declines` is true of a plain no, which is a no to a time that
    was offered; to “will you come?” it is no cancellation.
    """

    meant: Meant
    opts_in: bool = False
    may_mean_visit: bool = False
    answered: bool = False
    declines: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.split("/"))


# What carriers act on and answer by themselves (Twilio's default keywords): whatever we make of it, they have stopped.
_CARRIERS_STOP: Final = _words("stop/stopall/stop all/unsubscribe/cancel/end/quit/revoke/optout")
_CARRIERS_START: Final = _words("start/unstop/yes")
_CARRIERS_HELP: Final = _words("help/info")

_MEANINGS: Final[Mapping[Meant, frozenset[str]]] = {
    Meant.CONFIRM: _words(
        "1/one/uno/c/confirm/confirmed/confirming/i confirm/i confirmed/confirm 1/yes/y/yes i confirm/yes confirm/yes confirmed"
        "/yes 1/1 yes/yep/yeah/yup/ok/okay/ok 1/k/sure/yes i will be there/i will be there/yes ill be there/ill be there"
        "/si/s/sip/si confirmo/confirmo/confirmado/confirmada/confirmar/si confirmado/si confirmada/claro/claro que si"
        "/vale/de acuerdo/ahi estare/alli estare/si ahi estare/si alli estare/si 1/1 si/okey/dale"
    ),
    # NO is no to “will you come?”. That is not “cancel my visit”: it may mean another time, so a person asks.
    Meant.CALL: _words(
        "2/two/dos/r/call/call me/call me back/callback/call back/please call me/r call me/no/n/nope/no i cant/i cant/i cannot"
        "/cant make it/i cant make it/i cannot make it/cannot make it/reschedule/i need to reschedule"
        "/llamar/llama/llamame/llamenme/llameme/llamen/que me llamen/no puedo/no puedo ir/cambiar/reprogramar"
        "/necesito reprogramar"
    ),
    Meant.STOP: _CARRIERS_STOP
    | _words(
        "opt out/stop texting/stop texting me/no more texts/no more messages/remove me/unsubscribe me"
        "/alto/parar/pare/baja/darme de baja/dar de baja/detener/no mas mensajes"
    ),
    Meant.START: _words("start/unstop/resume/resubscribe/subscribe/opt in/alta/comenzar/empezar/reanudar/iniciar"),
    Meant.HELP: _CARRIERS_HELP | _words("ayuda/informacion"),
}
_MEANT: Final[Mapping[str, Meant]] = {phrase: meant for meant, phrases in _MEANINGS.items() for phrase in phrases}

# Of what asks for a call, these say no to a time and ask for nothing.
_DECLINES: Final = _words(
    "2/two/dos/r/no/n/nope/no i cant/i cant/i cannot/cant make it/i cant make it/i cannot make it/cannot make it"
    "/no puedo/no puedo ir"
)

# Said beside anything, they change nothing.
_COURTESY: Final = re.compile(
    r"^(?:hi|hello|hola|thanks|thank you|gracias|please|por favor) +| +(?:thanks|thank you|gracias|muchas gracias|please|por favor)$"
)
_THUMBS_UP: Final = "\N{THUMBS UP SIGN}"
_CHECKS: Final = frozenset({_THUMBS_UP, "\N{WHITE HEAVY CHECK MARK}", "\N{HEAVY CHECK MARK}", "\N{OK HAND SIGN}"})
_THUMBS_DOWN: Final = "\N{THUMBS DOWN SIGN}"
_LONGEST: Final = 60
"""Characters; nobody says one of these few things in more, and what is longer is read by a person."""


def understand(text: str, *, opt_out_type: str = "") -> Understood:
    """Return what a text means. Whatever is not one of a few words, alone or with a courtesy beside, is unclear.

    `opt_out_type` is what the carrier took it for (Twilio's `OptOutType`: STOP, START, HELP); that is so, whatever it says.
    """
    phrase = plain(text)
    meant = _MEANT.get(phrase, Meant.UNCLEAR)
    if meant is Meant.CONFIRM and "?" in text:
        meant = Meant.UNCLEAR  # who asks does not promise
    taken = opt_out_type.strip().lower()
    if taken in (Meant.STOP, Meant.START, Meant.HELP):
        meant = Meant(taken)
    return Understood(
        meant,
        opts_in=phrase in _CARRIERS_START,
        may_mean_visit=meant is Meant.STOP and phrase in ("cancel", "end"),
        answered=bool(taken) or phrase in _CARRIERS_HELP,
        declines=meant is Meant.CALL and phrase in _DECLINES,
    )


def plain(text: str) -> str:
    """Return the words alone: small letters without accents, no punctuation, no courtesy; thumbs as words."""
    if len(text) > _LONGEST:
        return ""
    letters = unicodedata.normalize("NFKD", _thumbs(text)).casefold()
    kept = "".join(_kept(letter) for letter in letters)
    return _without_courtesy(" ".join(kept.split()))


def _without_courtesy(phrase: str) -> str:
    while (shorter := _COURTESY.sub("", phrase)) != phrase:
        phrase = shorter
    return phrase


def _thumbs(text: str) -> str:
    """Return the text with a thumb that says it all as the word that it stands for; one beside words says nothing more."""
    signs = {letter for letter in text if unicodedata.category(letter) == "So"}
    words = any(letter.isalnum() for letter in text)
    if words or len(signs) != 1:
        return text
    if signs <= _CHECKS:
        return "ok"
    return "no" if signs == {_THUMBS_DOWN} else text


def _kept(letter: str) -> str:
    """Return what stays of a letter: signs that only change another (accents, skin, keycaps) vanish, others part words."""
    if letter.isalnum():
        return letter
    category = unicodedata.category(letter)
    return "" if category in ("Mn", "Me", "Cf", "Sk") or letter in "'’" else " "
