"""The environment of a process on this machine: its servers and its keys."""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mediconnect.embedded import Servers, running, servers
from mediconnect.embedded.home import write_private

ROOT: Final = Path(__file__).resolve().parent.parent.parent
# A second stack beside the first (a test of `./dev up`, a reviewer's branch) gets a folder of its own.
DATA: Final = Path(os.environ.get("MEDICONNECT_DATA") or ROOT / ".data").resolve()
_KEYS: Final = ("SECRET_KEY", "BLIND_INDEX_KEY", "FIELD_ENCRYPTION_KEYS")


def new_keys() -> dict[str, str]:
    """Return fresh keys for every variable that holds one."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BLIND_INDEX_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def kept_keys() -> dict[str, str]:
    """Return this machine's keys, made at the first call: what they sealed in `.data` must stay readable."""
    path = DATA / "keys.json"
    with suppress(OSError, ValueError):
        known: dict[str, str] = json.loads(path.read_text())
        if set(known) == set(_KEYS):
            return known
    DATA.mkdir(exist_ok=True)
    made = new_keys()
    write_private(path, json.dumps(made))
    return made


def has_own_servers() -> bool:
    """Return whether the caller brought both servers along in the environment."""
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def base_environment() -> dict[str, str]:
    """Return the environment with DEBUG and keys filled in where the caller did not set them."""
    return {"DEBUG": "true", "DJANGO_SETTINGS_MODULE": "mediconnect.settings", **kept_keys(), **os.environ}


@contextmanager
def environment(folder: Path = DATA / "up") -> Iterator[dict[str, str]]:
    """Yield a complete environment: the caller's servers, else those running on `folder`, else some for this block."""
    if has_own_servers():
        yield base_environment()
    elif (addresses := running(folder)) is not None:
        yield _addressed(addresses)
    else:
        with servers(folder) as started:
            yield _addressed(started)


def _addressed(addresses: Servers) -> dict[str, str]:
    """Return the environment at `addresses`; a database of the caller's own brings its roles along, or none."""
    own_database = bool(os.environ.get("DATABASE_URL"))
    ours = {name: url for name, url in addresses.environment().items() if not (own_database and "DATABASE" in name)}
    return base_environment() | {name: url for name, url in ours.items() if not os.environ.get(name)}
