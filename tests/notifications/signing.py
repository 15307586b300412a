"""Sign as the services do, by programs and rules that are not theirs nor ours: openssl, and an HMAC by hand."""

import base64
import hashlib
import hmac
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.utils import timezone

TOKEN = "a-token-of-nobody"
PUBLIC = "https://visits.clinic.example"
FORM = "application/x-www-form-urlencoded"


def twilio_signature(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """Return what Twilio's documentation says: the address, then each field's name and value in order of the names."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def from_twilio(
    path: str,
    form: dict[str, str],
    *,
    public: str = PUBLIC,
    token: str = TOKEN,
    client: Client | None = None,
    **extra: Any,
) -> Any:
    """Call the webhook as Twilio would that was told this public address."""
    headers = {"X-Twilio-Signature": twilio_signature(public + path, form, token)} | extra.pop("headers", {})
    return (client or Client()).post(path, urlencode(form), content_type=FORM, headers=headers, **extra)


@dataclass
class Account:
    """A SendGrid account whose key openssl made; `public_key` is what its settings page shows."""

    key: Path
    public_key: str

    @classmethod
    def made_in(cls, folder: Path) -> "Account":
        key = folder / "key.pem"
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
        public = _openssl("ec", "-in", str(key), "-pubout", "-outform", "DER")
        return cls(key, base64.b64encode(public).decode())

    def headers(self, body: bytes, *, at: int | None = None) -> dict[str, str]:
        """Return the headers of a body that is sent now, or was at this moment."""
        timestamp = str(int(timezone.now().timestamp()) if at is None else at)
        signature = _openssl("dgst", "-sha256", "-sign", str(self.key), given=timestamp.encode() + body)
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }

    def tells(self, body: bytes, *, at: int | None = None, headers: dict[str, str] | None = None) -> Any:
        """Post the body as SendGrid would."""
        return Client().post(
            "/webhooks/sendgrid/events/",
            body,
            content_type="application/json",
            headers=self.headers(body, at=at) | (headers or {}),
        )


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(("openssl", *arguments), input=given, capture_output=True, check=True)  # noqa: S607
    return done.stdout
