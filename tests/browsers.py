"""Where no Chromium can be had, the tests in it are left out, and the end of the run says so.

A plugin of its own: the process that distributes the tests loads no conftest.py of a folder, and it is the one that speaks.
Where MEDICONNECT_BROWSER_REQUIRED is set nothing is left out; a missing browser fails each of those tests by name.
"""

import os
from pathlib import Path
from typing import Any, Final

import pytest

from mediconnect.development.chromium import HOW_TO_GET_IT, executable

FOLDER: Final = Path(__file__).parent / "browser"
_LEFT_OUT: Final = pytest.StashKey[int]()
_FROM_A_WORKER: Final = "browser_tests_left_out"


def required() -> bool:
    """Return whether a missing browser is a failure."""
    return bool(os.environ.get("MEDICONNECT_BROWSER_REQUIRED"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the browser's tests out where there is no browser, and remember how many they were."""
    if required() or executable() is not None:
        return
    left_out = [item for item in items if FOLDER in item.path.parents]
    items[:] = [item for item in items if FOLDER not in item.path.parents]
    config.stash[_LEFT_OUT] = len(left_out)
    config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker left out; all workers collect the same tests."""
    left_out = getattr(node, "workeroutput", {}).get(_FROM_A_WORKER, 0)
    node.config.stash[_LEFT_OUT] = max(left_out, node.config.stash.get(_LEFT_OUT, 0))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the distributing process, where there is one."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_FROM_A_WORKER] = session.config.stash.get(_LEFT_OUT, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests did not run for want of a browser, and how to get one."""
    left_out = config.stash.get(_LEFT_OUT, 0)
    if left_out:
        terminalreporter.section("browser tests were NOT run", sep="=", yellow=True, bold=True)
        terminalreporter.line(f"{left_out} tests in tests/browser/ need Chromium, and there is none on this machine.")
        terminalreporter.line(HOW_TO_GET_IT)
