"""Every variable that the house reads stands on its page, and no page speaks of one that nobody reads."""

import ast
import re
from collections.abc import Iterator

from mediconnect.development.stack import ROOT

PAGE = ROOT / "docs" / "operations" / "environment.md"
# Read by tools around the application: the script, the tests, the queue's library, Django itself.
AROUND = {
    "PYTHON",
    "MEDICONNECT_DATA",
    "MEDICONNECT_FULL",
    "MEDICONNECT_SPECS",
    "MEDICONNECT_SPECS_REQUIRED",
    "MEDICONNECT_BROWSER_REQUIRED",
    "DJANGO_SETTINGS_MODULE",
    "Q_CLUSTER_NAME",
}


def _read_variables() -> Iterator[str]:
    for path in (ROOT / "mediconnect").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "env"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(node.args[0].value)


def test_every_variable_has_a_line_and_every_line_a_variable() -> None:
    described = set(re.findall(r"^\| `([A-Z][A-Z_0-9]*)`", PAGE.read_text(), flags=re.MULTILINE))
    assert described - AROUND == set(_read_variables())
    assert described.issuperset(AROUND)
