"""Ask axe what a page keeps from people: WCAG 2.2 A and AA, in the light and in the dark theme."""

from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Page

_AXE: Final = Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js"
_PLACES: Final = 3  # are shown of each finding: the rest is mostly the same component
_THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # Good practice rather than WCAG, and asked of every page of ours.
    "rules": {name: {"enabled": True} for name in ("heading-order", "page-has-heading-one", "target-size")},
    "resultTypes": ["violations"],
}


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands now, in both themes, a few readable lines for each.

    The script comes in through the debugger, past the page's content policy, and the page needs no reload for it: an open
    panel is judged open.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    found: list[str] = []
    for theme in _THEMES:
        page.emulate_media(color_scheme=theme)
        result = page.evaluate("rules => axe.run(document, rules)", _RULES)
        found += [line for violation in result["violations"] for line in _lines(theme, violation)]
    page.emulate_media(color_scheme="null")
    return found


def _lines(theme: str, violation: dict[str, Any]) -> list[str]:
    nodes = violation["nodes"]
    lines = [f"{theme}: {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in nodes[:_PLACES]:
        where, why = " ".join(str(step) for step in node["target"]), node.get("failureSummary") or ""
        lines.append(f"    at {where}\n       {node['html'][:200]}\n       {' '.join(why.split())[:300]}")
    if len(nodes) > _PLACES:
        lines.append(f"    and {len(nodes) - _PLACES} more places")
    return ["\n".join(lines)]
