"""Rooms have the same names everywhere, and no drawer is called after everything."""

import ast
from pathlib import Path

from mediconnect.development.stack import ROOT

HOUSE = ("mediconnect", "providers", "patients", "appointments", "notifications")
DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared", "base"}
MODULES = [path for room in HOUSE for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_module_is_named_after_everything() -> None:
    assert [_name(path) for path in MODULES if DRAWERS & {path.stem, *path.relative_to(ROOT).parts}] == []


def _inside_functions(path: Path) -> list[str]:
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [
        f"{_name(path)}:{node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def test_nothing_is_imported_inside_a_function() -> None:
    assert [place for path in MODULES for place in _inside_functions(path)] == []


def test_a_module_opens_with_its_promise() -> None:
    trees = {_name(path): ast.parse(path.read_text()) for path in MODULES}
    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_only_locks_take_row_locks() -> None:
    takers = {_name(path) for path in MODULES if "select_for_update(" in path.read_text()}
    assert {name for name in takers if "locks" not in name} == set()
