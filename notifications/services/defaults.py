"""Our own words for every message, in each language, as they lie in templates/notifications/."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from notifications.models import Channel, Kind
from notifications.rules.wording.filling import Wording

_SUBJECT: Final = "Subject: "


def spoken(language: str) -> str:
    """Return the language in which we write to somebody who speaks this one: its own without its region, else English."""
    known = {code for code, _ in settings.LANGUAGES}
    candidate = language.replace("_", "-").partition("-")[0].lower()
    return candidate if candidate in known else settings.LANGUAGE_CODE


def our_words(
    kind: Kind, channel: Channel, language: str, *, several: bool = False, confirmed: bool = False
) -> Wording | None:
    """Return the words that we have for a message, or for one about several visits; None where there are none.

    With `confirmed` they do not ask to confirm: nobody is asked for what is settled. Words that never ask stay the same.
    """
    path = f"{channel.value}/{spoken(language)}/{kind.value}{'.several' if several else ''}"
    return (_read(f"{path}.confirmed.txt") if confirmed else None) or _read(f"{path}.txt")


@lru_cache(maxsize=256)
def _read(name: str) -> Wording | None:
    path: Path = settings.BASE_DIR / "templates" / "notifications" / name
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8").strip()
    if not text.startswith(_SUBJECT):
        return Wording(subject="", body=text)
    subject, _, body = text.partition("\n")
    return Wording(subject=subject.removeprefix(_SUBJECT), body=body.strip())
