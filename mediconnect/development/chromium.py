"""The Chromium of this machine, and how it is started: no browser is ever downloaded."""

import shutil
from typing import Final

from mediconnect import env

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_GET_IT: Final = (
    "Install it (Debian and Ubuntu: apt install chromium fonts-noto-core), "
    "or name it: MEDICONNECT_CHROMIUM=/path/to/chromium"
)
# It speaks to this machine alone, like the tests themselves: a page that asks for another host fails by its name.
FLAGS: Final = (
    "--no-sandbox",  # it also runs as root and in containers, and sees no pages but ours
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--font-render-hinting=none",  # text of one width on every machine
)


def executable() -> str | None:
    """Return the browser's path: MEDICONNECT_CHROMIUM, else the first of `NAMES` on the PATH, else None."""
    named = env.text("MEDICONNECT_CHROMIUM", "")
    if named:
        return shutil.which(named)
    return next((found for name in NAMES if (found := shutil.which(name))), None)
