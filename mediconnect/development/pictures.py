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
    """Take the pictures named in `arguments` (all of them without) and keep them; return the exit status of the tests.

    Nothing is kept unless every one was taken.
    """
    if executable() is None:
        sys.stderr.write(f"There is no Chromium on this machine. {HOW_TO_GET_IT}\n")
        return 1
    shutil.rmtree(TAKEN, ignore_errors=True)
    chosen = [f"{_TESTS}::test_the_page_is_fit_for_its_picture[{name}]" for name in arguments] or [_TESTS]
    status = testing.run(["-n0", "-q", *chosen])
    if status != 0:
        return status
    if not arguments:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    for picture in sorted(TAKEN.glob("*.png")):
        shutil.copyfile(picture, KEPT / picture.name)
        sys.stdout.write(f"docs/pictures/{picture.name} ({picture.stat().st_size // 1000} kB)\n")
    return 0
