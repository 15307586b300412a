"""Files become resources: NDJSON line by line, Bundles entry by entry, each with where it stood."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .reporting import Fate, Origin, Report

SUFFIXES: Final = (".ndjson", ".json", ".jsonl")
# A resource with pictures inside may be large; a line beyond this (bytes) is no resource of people and places.
_LONGEST: Final = 16 * 1024 * 1024

Json = dict[str, Any]
Found = tuple[Origin, Json]


class UnreadablePath(Exception):
    """A path that holds nothing to read; its message is a sentence."""


def files_of(paths: list[str]) -> list[Path]:
    """Return the files that the paths name, a folder's in the order of their names. Raises `UnreadablePath`."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
            if not inside:
                raise UnreadablePath(f"{path} holds no {', '.join(SUFFIXES)} file.")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise UnreadablePath(f"There is no file {path}.")
    return files


def read(files: list[Path], report: Report) -> Iterator[Found]:
    """Yield each resource of the files; what is no JSON object is noted in the report, and the rest goes on."""
    for file in files:
        report.say(f"Reading {file.name}")
        with file.open("rb") as stream:
            head = stream.read(4096)
            stream.seek(0)
            if file.suffix == ".json" and not _is_lines(head):
                yield from _parsed(Origin(str(file), 1), stream.read(), report)
                continue
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield from _parsed(Origin(str(file), number), line, report)


def _is_lines(head: bytes) -> bool:
    """Return whether a file begins with a whole JSON object on a line of its own and goes on after it."""
    first, _, rest = head.partition(b"\n")
    try:
        return isinstance(json.loads(first), dict) and bool(rest.strip())
    except ValueError:
        return False


def _parsed(origin: Origin, line: bytes, report: Report) -> Iterator[Found]:
    if len(line) > _LONGEST:
        report.bad("Unreadable", origin, f"longer than {_LONGEST // 1024 // 1024} MB")
        return
    try:
        resource = json.loads(line.decode("utf-8-sig" if origin.line == 1 else "utf-8"))
    except UnicodeDecodeError:
        report.bad("Unreadable", origin, "not UTF-8")
    except json.JSONDecodeError as error:
        report.bad("Unreadable", origin, f"not JSON: {error.msg} at character {error.pos}")
    except RecursionError:
        report.bad("Unreadable", origin, "nested too deep")
    else:
        yield from _resources(origin, resource, report)


def _resources(origin: Origin, resource: object, report: Report) -> Iterator[Found]:
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        report.bad("Unreadable", origin, "no FHIR resource: an object with a resourceType is expected")
        return
    if resource["resourceType"] != "Bundle":
        yield origin, resource
        return
    entries = resource.get("entry", [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
        place = Origin(origin.path, origin.line, number)
        inner = entry.get("resource") if isinstance(entry, dict) else None
        if inner is None:
            report.count("Entry without a resource", Fate.IGNORED)  # what a transaction deletes or asks for
            continue
        for where, found in _resources(place, inner, report):
            full_url = entry.get("fullUrl")
            yield where, found | ({"_fullUrl": full_url} if isinstance(full_url, str) else {})
