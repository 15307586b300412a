"""Answers as bytes: JSON with the version of what it shows, and nothing rendered twice."""

import datetime as dt
import json
import uuid
from typing import Any

from django.http import HttpResponse


def plain(value: Any) -> Any:
    """Return the JSON form of a UUID, date or time; raises `TypeError` for what has no place in an answer."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    message = f"{type(value).__name__} has no place in an answer"
    raise TypeError(message)


def to_json(data: Any) -> str:
    """Return compact JSON; UUIDs, dates and times become text, times in RFC 3339 with their own offset."""
    return json.dumps(data, default=plain, ensure_ascii=False, separators=(",", ":"))


class HttpAnswer(HttpResponse):
    """A JSON answer. `version` becomes its ETag; `resource_id` is the object it speaks of, for replays."""

    def __init__(
        self,
        data: Any = None,
        *,
        status: int = 200,
        version: int | None = None,
        location: str = "",
        resource_id: uuid.UUID | None = None,
    ) -> None:
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        if version is not None:
            headers["ETag"] = f'"v{version}"'
        if location:
            headers["Location"] = location
        super().__init__("" if status == 204 else to_json(data), status=status, headers=headers)
        self.resource_id = resource_id
