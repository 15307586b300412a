"""The words of the pages: gathered from the sources, kept beside their translations, compiled for use.

`./dev messages` brings every catalogue in locale/ in step with the sources, `./dev messages fr` begins one. Neither
needs gettext's own tools. What is gathered: words that templates and Python mark, titles and sentences of refusals,
and labels of choices, which pages show translated although services know no language.
"""

import ast
import datetime as dt
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from mediconnect.development.stack import ROOT

LOCALE: Final = ROOT / "locale"
_FILE: Final = Path("LC_MESSAGES") / "django.po"
_PACKAGES: Final = ("mediconnect", "providers", "patients", "appointments", "notifications")
# What never reaches a page: migrations are history, and this folder speaks to developers.
_SILENT: Final = {"migrations", "development", "embedded"}
# Whose choices stand on pages; those of the other apps are words of the admin's lists.
_CHOICES_SHOWN: Final = {"providers", "patients", "appointments"}
_LAZY: Final = ("gettext", "ngettext", "pgettext", "npgettext")
_KEYWORDS: Final = {
    **DEFAULT_KEYWORDS,
    **{f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in _LAZY},
    "gettext_noop": None,
}
_WIDTH: Final = 110
_HEADING: Final = (
    "# Words of the pages. `./dev messages` keeps this file in step with the sources; translations are written here."
)
_US: Final = "MediConnect"
_HEADERS: Final = {
    "project": _US,
    "version": "1",
    "msgid_bugs_address": _US,
    "last_translator": _US,
    "language_team": _US,
}


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a page says: its text (singular and plural where it counts), its context, where it stands."""

    text: str | tuple[str, str]
    place: str
    context: str | None = None


def run(arguments: list[str]) -> int:
    """Bring the catalogues in step, and begin one for each language named; return 1 while something is untranslated."""
    words = gathered()
    for language in arguments:
        begin(LOCALE / language / _FILE, language)
    waiting = 0
    for path in catalogues():
        catalogue = in_step(path, words)
        write(path, catalogue)
        missing = untranslated(catalogue)
        waiting += len(missing)
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(catalogue)} messages, {len(missing)} without translation\n")
        for message in missing:
            sys.stdout.write(f"  {message.id!r}\n")
    return 1 if waiting else 0


def catalogues() -> list[Path]:
    """Return every catalogue there is."""
    return sorted(LOCALE.glob(f"*/{_FILE}"))


def begin(path: Path, language: str) -> None:
    """Make an empty catalogue where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        today = dt.datetime.now(dt.UTC)
        empty = Catalog(language, header_comment=_HEADING, fuzzy=False, revision_date=today, **_HEADERS)
        write(path, empty)


def in_step(path: Path, words: Iterable[Word]) -> Catalog:
    """Return the catalogue with exactly these words, each with the translation that it had."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    known = Catalog(creation_date=catalogue.creation_date)
    for word in words:
        known.add(word.text, locations=[(word.place, None)], context=word.context)  # type: ignore[list-item]
    # A sentence that changed is translated anew: a guess that looks finished is worse than a gap that a test finds.
    catalogue.update(known, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue for people (.po) and for programs (.mo)."""
    text = io.BytesIO()
    write_po(text, catalogue, width=_WIDTH, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    path.write_bytes(text.getvalue().rstrip() + b"\n")
    path.with_suffix(".mo").write_bytes(compiled(path))


def compiled(path: Path) -> bytes:
    """Return what programs read of a catalogue."""
    binary = io.BytesIO()
    with path.open("rb") as file:
        write_mo(binary, read_po(file))
    return binary.getvalue()


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the messages that lack a translation, or a form of it, or have one that somebody only guessed."""
    return [message for message in catalogue if message.id and (message.fuzzy or not _complete(message))]


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def gathered() -> list[Word]:
    """Return every word that pages show, from the sources as they are."""
    modules = {path: ast.parse(path.read_text()) for path in _python_files()}
    refusals = _refusals(modules.values())
    words = [word for path in sorted((ROOT / "templates").rglob("*.*")) for word in _marked(path, _template(path))]
    for path, tree in modules.items():
        words += _marked(path, path.read_text())
        words += (Word(text, _place(path)) for text in _unmarked(tree, refusals, path.relative_to(ROOT).parts))
    return words


def _python_files() -> list[Path]:
    files = (path for package in _PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return [path for path in files if not _SILENT & set(path.relative_to(ROOT).parts)]


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _template(path: Path) -> str:
    """Return a template as calls of gettext. The brackets make one statement of it, however its lines are indented."""
    return f"({templatize(path.read_text(), origin=_place(path))})"


def _marked(path: Path, source: str) -> Iterator[Word]:
    found = extract("python", io.BytesIO(source.encode()), keywords=_KEYWORDS)
    for _line, text, _comments, context in found:
        yield Word(text if isinstance(text, str) else (text[0], text[1]), _place(path), context)


def _refusals(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of `DomainError` and of every class below it."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"DomainError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _unmarked(tree: ast.Module, refusals: set[str], rooms: tuple[str, ...]) -> Iterator[str]:
    """Yield what is shown translated without being marked. What the API alone says of a field stays English."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in refusals:
            yield from _sentences(node)
        elif isinstance(node, ast.ClassDef) and rooms[0] in _CHOICES_SHOWN and _is_choice(node):
            yield from _labels(node)
        elif isinstance(node, ast.Call) and "api" not in rooms:
            yield from _details(node, refusals)


def _sentences(node: ast.ClassDef) -> Iterator[str]:
    """Yield title and sentence of a refusal, however they are assigned."""
    for line in node.body:
        for name, value in _assigned(line):
            if name in {"title", "sentence"} and (text := _text(value)):
                yield text


def _assigned(line: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(line, ast.AnnAssign) and line.value is not None:
        yield _name(line.target), line.value
    elif isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Tuple) and isinstance(line.value, ast.Tuple):
        yield from zip(map(_name, line.targets[0].elts), line.value.elts, strict=True)
    elif isinstance(line, ast.Assign):
        yield _name(line.targets[0]), line.value


def _is_choice(node: ast.ClassDef) -> bool:
    return any(_name(base) == "TextChoices" for base in node.bases)


def _labels(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple) and (text := _text(line.value.elts[-1])):
            yield text


def _details(call: ast.Call, refusals: set[str]) -> Iterator[str]:
    """Yield sentences made for the occasion: `NotFound("…")`, `Invalid.field("name", "…")`, `Invalid(errors={…})`."""
    made = call.func
    if _name(made) in refusals:
        errors = (word.value for word in call.keywords if word.arg == "errors")
        spoken: list[ast.AST] = [*call.args[:1], *(inner for value in errors for inner in ast.walk(value))]
    elif isinstance(made, ast.Attribute) and made.attr == "field" and _name(made.value) in refusals:
        spoken = [*call.args[1:2]]
    else:
        return
    yield from (text for node in spoken if (text := _text(node)) and " " in text)


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
