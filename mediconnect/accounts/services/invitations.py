"""Lead a patient from the desk's invitation to an account, one proof at a time."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from mediconnect.accounts import one_time, ports
from mediconnect.accounts.errors import AlreadyClaimed, CodeWrong, InvitationSpent, LinkInvalid
from mediconnect.accounts.events import (
    AccountClaimed,
    AccountCodeRequested,
    EmailCheckRequested,
    PatientInvited,
)
from mediconnect.accounts.locks import lock_invitation
from mediconnect.accounts.models import Invitation, User
from mediconnect.accounts.rules import CODE_LIFE, CODE_TRIES, INVITATION_LIFE
from mediconnect.accounts.services.passwords import check_strength
from mediconnect.outbox import publish

_PURPOSE = "invitation"


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """What the invitation's message needs: whose record, and the link's path."""

    subject_id: uuid.UUID
    path: str


@dataclass(frozen=True, slots=True)
class ContactCode:
    """What the code's message needs: whose record, which contact on file, and the code."""

    subject_id: uuid.UUID
    contact: str
    code: str


@dataclass(frozen=True, slots=True)
class EmailCheck:
    """What the check of a sign-in address needs: whose record, which address, and the code; none where it has an account already."""

    subject_id: uuid.UUID
    recipient: str
    code: str | None


@transaction.atomic
def invite(*, subject_id: uuid.UUID, invited_by_id: uuid.UUID | None = None) -> Invitation:
    """Invite the person of this record, for 14 days; an earlier open invitation ends. The message is a fact's doing."""
    now = timezone.now()
    Invitation.objects.filter(subject_id=subject_id, used_at=None, revoked_at=None).update(revoked_at=now)
    invitation = Invitation.objects.create(
        subject_id=subject_id,
        invited_by_id=invited_by_id,
        expires_at=now + INVITATION_LIFE,
    )
    publish(PatientInvited(invitation_id=invitation.pk))
    return invitation


def mint_invitation(*, invitation_id: uuid.UUID) -> InvitationLink | None:
    """Return a fresh link for an open invitation, or None. Call it in the transaction that writes the message."""
    token, hashed = one_time.new_token(_PURPOSE)
    invitation = _open(invitation_id)
    if invitation is None:
        return None
    Invitation.objects.filter(pk=invitation_id).update(token_hash=hashed)
    return InvitationLink(subject_id=invitation.subject_id, path=reverse("accounts:invitation", args=[token]))


def find_invitation(*, token: str) -> Invitation:
    """Return the open invitation behind a link; raises `LinkInvalid`."""
    hashed = one_time.token_hash(_PURPOSE, token)
    invitation = Invitation.objects.filter(token_hash=hashed).first() if hashed else None
    if invitation is None or _open(invitation.pk) is None:
        raise LinkInvalid
    return invitation


def request_code(*, invitation_id: uuid.UUID, birth_date: date, contact: str) -> Invitation:
    """Note a birth date and the contact on file that a code shall go to; right and wrong dates look the same.

    Only a right date has a code sent. Raises `LinkInvalid`, or `InvitationSpent` after five wishes.
    """
    invitation = _require(invitation_id)
    port = ports.subjects()
    hints = {hint.kind: hint.masked for hint in port.deliverable_contacts(invitation.subject_id)}
    matches = port.birth_date_matches(invitation.subject_id, birth_date) and contact in hints
    with transaction.atomic():
        counted = Invitation.objects.filter(pk=invitation_id, codes_sent__lt=CODE_TRIES).update(
            codes_sent=F("codes_sent") + 1,
            date_matches=matches,
            contact=contact if contact in hints else "",
            contact_hint=hints.get(contact, ""),
            code_hash="",
            code_expires_at=timezone.now() + CODE_LIFE,
            proven_at=None,
        )
        if not counted:
            raise InvitationSpent
        publish(AccountCodeRequested(invitation_id=invitation_id))
    return _require(invitation_id)


def mint_account_code(*, invitation_id: uuid.UUID) -> ContactCode | None:
    """Return a fresh code for the contact on file, or None where no code is due. One transaction with its message."""
    invitation = _open(invitation_id)
    if invitation is None or not invitation.date_matches:
        return None
    code = one_time.new_code()
    hashed = one_time.code_hash(code, owner=invitation_id)
    Invitation.objects.filter(pk=invitation_id).update(code_hash=hashed)
    return ContactCode(subject_id=invitation.subject_id, contact=invitation.contact, code=code)


def prove(*, invitation_id: uuid.UUID, code: str) -> Invitation:
    """Accept the code from the contact on file, once; raises `CodeWrong`, `InvitationSpent`, `LinkInvalid`."""
    _require(invitation_id)
    _count_try(invitation_id, "attempts")
    with transaction.atomic():
        invitation = lock_invitation(invitation_id)
        if invitation is None or not _good(invitation, code, invitation.code_hash, invitation.code_expires_at):
            raise CodeWrong
        invitation.code_hash = ""
        invitation.proven_at = timezone.now()
        invitation.save(update_fields=["code_hash", "proven_at"])
    return invitation


def propose_account(*, invitation_id: uuid.UUID, email: str, password: str) -> User | None:
    """Take the sign-in address and password of a proven claimant; return the user, or None where a check is due.

    Where the first code went to this very address it is verified already and the account opens at once. Otherwise a
    code goes to the address, or a note if it has an account: the caller learns neither.
    Raises `PasswordUnfit`, `InvitationSpent`, `LinkInvalid`, `AlreadyClaimed`.
    """
    invitation = _require_proven(invitation_id)
    address = email.strip().lower()
    check_strength(password, user=User(email=address))
    hashed = make_password(password)
    known = User.objects.filter(email=address).exists()
    by_mail = invitation.contact == Invitation.Contact.EMAIL
    if by_mail and not known and ports.subjects().contact_matches(invitation.subject_id, "email", address):
        return _claim(invitation_id, address, hashed)
    with transaction.atomic():
        locked = lock_invitation(invitation_id)
        if locked is None or locked.email_codes_sent >= CODE_TRIES:
            raise InvitationSpent
        locked.email, locked.password, locked.email_code_hash = address, hashed, ""
        locked.email_codes_sent += 1
        locked.email_code_expires_at = timezone.now() + CODE_LIFE
        locked.save()
        publish(EmailCheckRequested(invitation_id=invitation_id))
    return None


def mint_email_code(*, invitation_id: uuid.UUID) -> EmailCheck | None:
    """Return what to write to the chosen sign-in address, or None. One transaction with its message."""
    invitation = _open(invitation_id)
    if invitation is None or not invitation.email:
        return None
    if User.objects.filter(email=invitation.email).exists():
        return EmailCheck(invitation.subject_id, invitation.email, None)
    code = one_time.new_code()
    hashed = one_time.code_hash(code, owner=f"{invitation_id}.email")
    Invitation.objects.filter(pk=invitation_id).update(email_code_hash=hashed)
    return EmailCheck(invitation.subject_id, invitation.email, code)


def verify_email(*, invitation_id: uuid.UUID, code: str) -> User:
    """Open the account once its address is verified; raises `CodeWrong`, `InvitationSpent`, `LinkInvalid`."""
    _require_proven(invitation_id)
    _count_try(invitation_id, "email_attempts")
    invitation = _require_proven(invitation_id)
    kept, until = invitation.email_code_hash, invitation.email_code_expires_at
    if not _good(invitation, code, kept, until, owner=f"{invitation_id}.email"):
        raise CodeWrong
    return _claim(invitation_id, invitation.email, invitation.password)


@transaction.atomic
def attach_existing(*, invitation_id: uuid.UUID, user_id: uuid.UUID) -> User:
    """Give the record to somebody who proved the claim and is signed in already; raises as `propose_account`."""
    invitation = _finish(invitation_id)
    user = User.objects.get(pk=user_id)
    _attach(invitation, user)
    return user


def _claim(invitation_id: uuid.UUID, email: str, password: str) -> User:
    try:
        with transaction.atomic():
            invitation = _finish(invitation_id)
            user = User(email=email, password=password, email_verified_at=timezone.now())
            user.save(force_insert=True)
            _attach(invitation, user)
    except IntegrityError as error:
        raise AlreadyClaimed from error
    return user


def _finish(invitation_id: uuid.UUID) -> Invitation:
    """Use the invitation up; of any number of parallel finishers one comes through."""
    invitation = lock_invitation(invitation_id)
    if invitation is None or _open(invitation_id) is None or invitation.proven_at is None:
        raise LinkInvalid
    invitation.used_at = timezone.now()
    invitation.email, invitation.password, invitation.email_code_hash = "", "", ""
    invitation.save()
    return invitation


def _attach(invitation: Invitation, user: User) -> None:
    ports.subjects().attach_user(invitation.subject_id, user.pk)
    publish(AccountClaimed(user_id=user.pk, subject_id=invitation.subject_id))


def _open(invitation_id: uuid.UUID) -> Invitation | None:
    return Invitation.objects.filter(
        pk=invitation_id,
        used_at=None,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    ).first()


def _require(invitation_id: uuid.UUID) -> Invitation:
    invitation = _open(invitation_id)
    if invitation is None:
        raise LinkInvalid
    return invitation


def _require_proven(invitation_id: uuid.UUID) -> Invitation:
    invitation = _require(invitation_id)
    if invitation.proven_at is None:
        raise LinkInvalid
    return invitation


def _count_try(invitation_id: uuid.UUID, column: str) -> None:
    """Count a try in its own statement before the code is looked at, so that parallel guesses buy nothing."""
    tries = Invitation.objects.filter(pk=invitation_id, **{f"{column}__lt": CODE_TRIES})
    if not tries.update(**{column: F(column) + 1}):
        raise InvitationSpent


def _good(invitation: Invitation, code: str, kept: str, until: object, *, owner: object = None) -> bool:
    fresh = until is not None and until > timezone.now()  # type: ignore[operator]
    return fresh and one_time.code_matches(code.strip(), kept, owner=owner or invitation.pk)
