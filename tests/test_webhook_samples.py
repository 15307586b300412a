"""What docs/webhooks.md gives to receivers verifies what we send, and nothing else."""

import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mediconnect.development.stack import ROOT
from notifications.rules.hooks import headers, new_secret, written

DOCUMENT = (ROOT / "docs" / "webhooks.md").read_text()
BODY = {"type": "appointment.booked", "sequence": 1, "appointment": {"status": "booked"}}

Verify = Callable[[str, dict[str, str], bytes], None]


def sample(language: str) -> str:
    """Return the one sample in this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(found)


@pytest.fixture
def verify() -> Verify:
    room: dict[str, Any] = {}
    exec(compile(sample("python"), "docs/webhooks.md", "exec"), room)  # noqa: S102 - the sample, as receivers copy it
    found: Verify = room["verify"]
    return found


def call(*secrets: str, timestamp: float | None = None) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a call that is signed with these."""
    call_id = uuid.uuid4()
    body = written(call_id, BODY)
    moment = int(timestamp if timestamp is not None else time.time())
    return {
        name.lower(): value for name, value in headers(call_id, body, timestamp=moment, signed_with=secrets).items()
    }, body


def test_the_sample_accepts_our_calls_also_while_the_secret_changes(verify: Verify) -> None:
    new, old = new_secret(), new_secret()
    for secrets in ((new,), (old, new), (new, old)):
        verify(new, *call(*secrets))


def test_the_sample_refuses_forged_changed_and_recorded_calls(verify: Verify) -> None:
    secret = new_secret()
    told, body = call(secret)
    forged = [
        call(new_secret()),
        (told, body + b" "),
        (told | {"webhook-id": str(uuid.uuid4())}, body),
        (told | {"webhook-timestamp": str(int(time.time()) - 1)}, body),
        (told | {"webhook-signature": "v1,AAAA v2,BBBB"}, body),
        call(secret, timestamp=time.time() - 301),
        call(secret, timestamp=time.time() + 301),
    ]
    for one in forged:
        with pytest.raises(ValueError, match=r"secret|clock"):
            verify(secret, *one)


def test_a_secret_is_in_the_standards_form() -> None:
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", new_secret())
    assert new_secret() != new_secret()


@pytest.mark.parametrize("right", [True, False])
def test_the_sample_for_node_verifies(tmp_path: Path, right: bool) -> None:
    """Where there is Node, as for the vendors' descriptions; without it, at least the sample is there."""
    source, node = sample("js"), shutil.which("node")
    assert "timingSafeEqual" in source
    if node is None:
        return
    secret = new_secret()
    told, body = call(secret if right else new_secret())
    (tmp_path / "verify.mjs").write_text(source)
    (tmp_path / "body").write_bytes(body)
    (tmp_path / "try.mjs").write_text(
        'import { readFileSync } from "node:fs";\nimport { verify } from "./verify.mjs";\n'
        f"verify({secret!r}, {told!r}, readFileSync('body'));\n"
    )
    ended = subprocess.run([node, "try.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode == 0) is right, ended.stderr
    assert right or "not signed with this secret" in ended.stderr
