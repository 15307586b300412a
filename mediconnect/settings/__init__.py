"""The settings, joined from one module per subject; the environment alone tells machines apart.

A setting is an upper-case name in exactly one subject: a second one would win or lose by the order of this
list, so it stops the start. See docs/decisions/0002-settings-by-subject.md for why a loop and no star imports.
"""

from types import ModuleType

from mediconnect.settings import api, cache, database, outside, queue, security, telemetry, web

SUBJECTS: tuple[ModuleType, ...] = (web, database, cache, queue, api, outside, telemetry, security)


def _joined(subjects: tuple[ModuleType, ...]) -> dict[str, object]:
    settings: dict[str, object] = {}
    for subject in subjects:
        own = {name: value for name, value in vars(subject).items() if name.isupper() and not name.startswith("_")}
        twice = [name for name in settings.keys() & own.keys() if settings[name] is not own[name]]
        if twice:
            message = f"{subject.__name__} sets again what another subject sets: {', '.join(sorted(twice))}"
            raise RuntimeError(message)
        settings.update(own)
    return settings


globals().update(_joined(SUBJECTS))
