"""Call the API as its clients do: JSON, a bearer token or a signed-in browser, a key for each write."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.test import Client

from mediconnect.accounts.models import User
from mediconnect.accounts.oauth import PATIENT_SCOPES
from mediconnect.accounts.services.tokens import issue_token


class Api:
    """A caller of /api/v1/. Answers are Django's, with `.json()`."""

    def __init__(self, headers: dict[str, str] | None = None, client: Client | None = None) -> None:
        self.client = client or Client()
        self.headers = headers or {}

    @classmethod
    def patient(cls, user: User, scopes: Iterable[str] = tuple(PATIENT_SCOPES)) -> "Api":
        """Return a patient's app: a bearer token with these scopes."""
        token = issue_token(email=user.email, scopes=list(scopes), seconds=900, issued_by="tests")
        return cls({"Authorization": f"Bearer {token}"})

    @classmethod
    def staff(cls, user: User) -> "Api":
        """Return a browser in which this user has signed in."""
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return cls(client=client)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        """GET below /api/v1/."""
        return self.client.get(f"/api/v1/{path}", query or {}, headers=self.headers | headers)

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> Any:
        """Send JSON; a new Idempotency-Key unless one is given, none for `key=None`."""
        sent = self.headers | headers
        if key is not None:
            sent["Idempotency-Key"] = key or f"test-{uuid.uuid4()}"
        data = body if isinstance(body, bytes | str) else json.dumps(body if body is not None else {})
        return self.client.generic(method, f"/api/v1/{path}", data, content_type="application/json", headers=sent)

    def post(self, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> Any:
        """POST below /api/v1/."""
        return self.send("POST", path, body, key=key, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        """PATCH below /api/v1/."""
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE below /api/v1/."""
        return self.send("DELETE", path, **headers)


def code(response: Any) -> str:
    """Return the code of a problem document, having checked that it is one."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content[:300]
    document = json.loads(response.content)
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(document), document
    assert document["status"] == response.status_code
    return str(document["code"])
