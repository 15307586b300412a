"""Words that tell something of somebody's health, in our two languages: no message carries them.

Whoever sees a screen light up must not learn why its owner goes to a clinic (reliability.md, 7). The list is of stems, as
they begin a word, without accents; what a clinic calls its own visits and fields is compared apart from it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

# Whole words only: as a stem they would begin ordinary ones (hives, estimate).
_WHOLE: Final = (
    "aids", "birth control", "blood", "hiv", "ill", "illness", "iud", "lab", "labs", "mri", "pap", "pap smear", "ppd",
    "sick", "std", "stds", "sti", "stis", "tb", "therapy", "treatment", "treatments", "x-ray", "x-rays", "xray",
    "analisis", "diu", "ets", "receta", "recetas", "sangre", "sida", "terapia", "terapias", "tratamiento",
    "tratamientos", "vih",
)  # fmt: skip
_STEMS: Final = (
    "abort", "addict", "adicc", "adict", "alcoholi", "allerg", "alergi", "alzheimer", "anesthe", "anestes", "anxiet",
    "ansiedad", "arthrit", "artrit", "asthma", "asma", "autis", "biops", "bipolar", "cancer", "cardiac", "cardio",
    "chemo", "quimio", "cholest", "colester", "chronic", "cronic", "cirug", "cirujan", "colonosc", "contracep",
    "anticoncep", "covid", "dement", "demenc", "depress", "depresi", "dermat", "diabet", "diagnos", "dialy", "dialis",
    "disease", "disorder", "trastorno", "ecograf", "embaraz", "emocional", "endocrin", "endosc", "enferm", "epilep",
    "fertil", "gastro", "geriatr", "gynec", "ginec", "hematolog", "hemorr", "hepat", "herpes", "hypert", "hipert",
    "infec", "inject", "inyecc", "insulin", "mamograf", "mammogra", "maternit", "maternid", "medicac", "medicamento",
    "medicat", "menopaus", "mental", "methadon", "metadona", "miscarr", "nephro", "nefro", "neuro", "nutricion",
    "nutrition", "obes", "obstet", "oncolog", "ophthalm", "oftalmo", "opioid", "orthop", "ortoped", "pathol", "patolog",
    "pediatr", "physiother", "fisioterap", "pneumon", "neumo", "pregnan", "prenatal", "prescri", "prostat", "psych",
    "psiq", "psic", "quirurg", "radiograf", "radiolog", "radiother", "radioterap", "rehab", "resonancia", "reumat",
    "rheumat", "schizo", "esquizo", "screening", "sexual", "stroke", "suicid", "surger", "surgic", "symptom", "sintoma",
    "syphil", "sifilis", "therapist", "terapeut", "thyroid", "tiroid", "transplan", "trasplan", "tubercul", "tumor",
    "tumour", "ultraso", "urolog", "vaccin", "vacun", "vasectom", "virus",
)  # fmt: skip
_PHRASES: Final = ("test result", "lab result", "resultados de", "your results", "sus resultados")

# What everybody calls a visit tells nothing, even where a clinic calls a type of visit no more than that.
_TELLS_NOTHING: Final = frozenset({"appointment", "visit", "cita", "visita"})


def folded(text: str) -> str:
    """Return the text in small letters and without accents, of the same length, so that places in it stay the same."""
    return "".join(unicodedata.normalize("NFD", character)[0].lower()[:1] for character in text)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


_HEALTH: Final = re.compile(
    rf"\b(?:(?:{_alternatives(_STEMS)})\w*|(?:{_alternatives(_WHOLE)})\b|(?:{_alternatives(_PHRASES)}))"
)


def health_words(text: str) -> Iterator[str]:
    """Yield each part of a text that tells something of somebody's health, as it stands there."""
    for found in _HEALTH.finditer(folded(text)):
        yield text[found.start() : found.end()]


def names_in(text: str, names: Iterable[str]) -> Iterator[str]:
    """Yield each place where a text says one of these names, as whole words, in whatever letters."""
    telling = {folded(" ".join(name.split())) for name in names} - _TELLS_NOTHING - {""}
    if not telling:
        return
    for found in re.finditer(rf"(?<!\w)(?:{_alternatives(telling)})(?!\w)", folded(text)):
        yield text[found.start() : found.end()]
