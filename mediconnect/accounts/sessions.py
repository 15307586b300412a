"""The session engine: cookies whose hash is a row in our own table, live only while that row says so."""

import hashlib
from datetime import timedelta
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from mediconnect.accounts.models import Session, User
from mediconnect.accounts.rules import PATIENT_IDLE, SEEN_EVERY, SESSION_LIFE

EPOCH_KEY = "epoch"
IDLE_KEY = "idle_seconds"

# 62^43 is just above 2^256: a cookie cannot be guessed, and its plain SHA-256 cannot be turned back.
_KEY_LENGTH = 43
_KEY_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def key_hash(session_key: str) -> str:
    """Return the form in which a cookie's value is kept."""
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(SessionBase):
    """One browser's session. Reading it is one indexed statement that brings its user along."""

    def __init__(self, session_key: str | None = None) -> None:
        """Open the session of this cookie; nothing is read before it is needed."""
        super().__init__(session_key)
        self.row: Session | None = None
        self.background = False
        self.user_agent = ""

    @property
    def user(self) -> User | None:
        """Return the user whom the live row belongs to, read together with it."""
        return self.row.user if self.row else None

    def load(self) -> dict[str, Any]:
        """Return the data of a live session and note that it was seen; otherwise forget the cookie."""
        now = timezone.now()
        row = None
        if self.session_key:
            row = Session.objects.live(now).select_related("user").filter(key_hash=key_hash(self.session_key)).first()
        if row is None:
            self._session_key = None
            return {}
        self.row = row
        if not self.background and now - row.last_seen_at >= SEEN_EVERY:
            self._note_seen(row)
        return dict(row.data)

    def _note_seen(self, row: Session) -> None:
        now = timezone.now()
        idle_at = min(now + timedelta(seconds=row.idle_seconds), row.expires_at)
        Session.objects.live(now).filter(pk=row.pk).update(last_seen_at=now, idle_at=idle_at)

    def exists(self, session_key: str) -> bool:
        """Return whether a row, living or dead, has this key: an ended session's key is never given out again."""
        return Session.objects.filter(pk=key_hash(session_key)).exists()

    def create(self) -> None:
        """Start a new row under a new key."""
        while True:
            self._session_key = get_random_string(_KEY_LENGTH, _KEY_CHARACTERS)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  the signature is Django's
        """Write the data; raises `UpdateError` where the session has ended meanwhile, so nothing revives it."""
        if self.session_key is None:
            self.create()
            return
        data = cast("Any", self)._get_session(no_load=must_create)  # noqa: SLF001  ours; the stubs hide it
        if must_create:
            self._insert(data)
        else:
            self._update(data)

    def _insert(self, data: dict[str, Any]) -> None:
        now = timezone.now()
        idle = timedelta(seconds=data.get(IDLE_KEY, PATIENT_IDLE.total_seconds()))
        row = Session(
            key_hash=key_hash(cast("str", self.session_key)),
            user_agent=self.user_agent[:120],
            created_at=now,
            last_seen_at=now,
            idle_seconds=int(idle.total_seconds()),
            idle_at=now + idle,
            expires_at=now + SESSION_LIFE,
            data=data,
            **self._owner(data),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise CreateError from error

    def _update(self, data: dict[str, Any]) -> None:
        now = timezone.now()
        changes: dict[str, Any] = {"data": data, **self._owner(data)}
        if IDLE_KEY in data:
            changes["idle_seconds"] = data[IDLE_KEY]
            if not self.background:
                changes["idle_at"] = now + timedelta(seconds=data[IDLE_KEY])
        row = Session.objects.filter(pk=key_hash(cast("str", self.session_key)), revoked_at=None, expires_at__gt=now)
        if not row.update(**changes):
            raise UpdateError

    def _owner(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the columns that say whose session this is, and of which epoch."""
        user_id = data.get(SESSION_KEY)
        if user_id is None:
            return {"user_id": None, "epoch": 0}
        if EPOCH_KEY not in data:
            data[EPOCH_KEY] = User.objects.values_list("session_epoch", flat=True).get(pk=user_id)
        return {"user_id": user_id, "epoch": data[EPOCH_KEY]}

    def delete(self, session_key: str | None = None) -> None:
        """End the session for good. The row stays as a record that it was, without its data."""
        key = session_key or self.session_key
        if key:
            Session.objects.filter(pk=key_hash(key), revoked_at=None).update(revoked_at=timezone.now(), data={})

    @classmethod
    def clear_expired(cls) -> None:
        """Delete rows that ended more than 30 days ago, which is how long the list of sessions reaches back."""
        Session.objects.filter(expires_at__lt=timezone.now() - timedelta(days=30)).delete()
