"""The pictures of README and docs, taken by the tests in tests/browser/ and kept beside the pages that show them."""

import shutil
import sys
from typing import Final

from mediconnect.development import testing
from mediconnect.development.chromium import HOW_TO_GET_IT, executable
from mediconnect.development.stack import DATA, ROOT

TAKEN: Final = DATA / "test" / "pictures"
KEPT: Final = ROOT / "docs" / "pictures"
_TESTS: Final = "tests/browser/test_pictures.py"


def run(arguments: list[str]) -> int:
    """Take the pictures, keep those named in `arguments` (all of them without), and return the exit status.

    Nothing is kept unless every one could be taken: that is 1, or pytest's own; 2 for an unknown name.
    """
    if executable() is None:
        sys.stderr.write(f"There is no Chromium on this machine. {HOW_TO_GET_IT}\n")
        return 1
    shutil.rmtree(TAKEN, ignore_errors=True)
    status = testing.run(["-n0", "-q", _TESTS])
    if status != 0:
        return status
    taken = {picture.stem: picture for picture in sorted(TAKEN.glob("*.png"))}
    unknown = set(arguments) - set(taken)
    if unknown:
        sys.stderr.write(f"No such picture: {', '.join(sorted(unknown))}. There are: {', '.join(taken)}.\n")
        return 2
    if not arguments:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in arguments or taken:
        shutil.copyfile(taken[name], KEPT / f"{name}.png")
        sys.stdout.write(f"docs/pictures/{name}.png ({taken[name].stat().st_size // 1000} kB)\n")
    return 0
