"""What pages bring along: light, from this house alone, nothing inline, named by what is in it."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from tests.browser.clinic_day import clinic_day

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
STATIC = Path(settings.BASE_DIR, "static")
# Read without the house around them: from a disk, in a mailbox.
_ALONE = ("sheet/kept.html", "sheet/kept_index.html", "email/frame.html")
_STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "mediconnect.portal.assets.Assets"}}


def test_a_board_brings_less_than_250_kilobytes_along(db: None) -> None:
    day, client = clinic_day(), Client()
    client.force_login(day.desk, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(day.path("board")).content.decode()
    linked = set(re.findall(r'(?:href|src)="/static/([^"]+)"', page))
    assert {"portal/base.css", "portal/board.js"} <= linked
    modules = set(
        re.findall(
            r'from "\./([a-z]+\.js)"', "".join((STATIC / name).read_text() for name in linked if name.endswith(".js"))
        )
    )
    files = linked | {f"portal/{name}" for name in modules}
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files) < 250_000


def test_vendored_files_carry_their_version_in_their_name() -> None:
    names = [path.name for path in (STATIC / "vendor").iterdir()]
    assert names
    assert all(re.search(r"-\d+\.\d+\.\d+\.", name) for name in names), names


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_no_template_has_anything_inline_or_from_an_outside_host(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"""\son[a-z]+\s*=\s*["']|\sstyle\s*=\s*["']|javascript:""", text)
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    if not str(template).endswith(_ALONE):
        assert "<style" not in text


def test_in_production_a_module_is_loaded_once_under_one_name(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=_STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    named = [path for path in (tmp_path / "portal").glob("*.js") if re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", path.name)]
    assert {path.name.split(".")[0] for path in named} >= {"board", "live", "moving", "blocks", "portal"}
    for path in named:
        for imported in re.findall(r'from "\./([^"]+)"', path.read_text()):
            assert (tmp_path / "portal" / imported).exists(), (path.name, imported)
            assert re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", imported), (path.name, imported)
