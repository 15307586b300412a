"""React to facts about accounts by writing to their owners.

Links and codes are minted here, in the transaction that writes their message, so that none of them stands in a fact:
what the outbox keeps could open nothing. If the transaction fails, the minted secret is gone with it.
"""

import datetime as dt
import uuid

from django.conf import settings

from mediconnect.accounts.events import (
    AccountCodeRequested,
    ColleagueInvited,
    EmailCheckRequested,
    PasswordChanged,
    PasswordResetRequested,
    PatientInvited,
)
from mediconnect.accounts.models import User
from mediconnect.accounts.rules import CODE_LIFE, INVITATION_LIFE, RESET_LIFE
from mediconnect.accounts.services.invitations import mint_account_code, mint_email_code, mint_invitation
from mediconnect.accounts.services.passwords import mint_password_reset
from mediconnect.outbox.models import Fact
from notifications.models import Kind, Message
from notifications.queries.addresses import address_of
from notifications.services.writing import public_link, write_message
from patients.models import Patient


def write_password_reset(fact: Fact) -> None:
    """Send the link to a new password to an address that has an account; to any other, nothing."""
    _write_link(fact, Kind.PASSWORD_RESET, fact.read(PasswordResetRequested).reset_id, RESET_LIFE)


def write_colleague_invited(fact: Fact) -> None:
    """Send somebody who shall work at a clinic the link to a first password."""
    _write_link(fact, Kind.COLLEAGUE_INVITED, fact.read(ColleagueInvited).reset_id, INVITATION_LIFE)


def _write_link(fact: Fact, kind: Kind, reset_id: uuid.UUID, lasts: dt.timedelta) -> None:
    """Send the link to a page where a password is chosen, if there is somebody to choose it."""
    mail = mint_password_reset(reset_id=reset_id)
    if mail is None:
        return
    write_message(
        fact=fact,
        kind=kind,
        channel=Message.Channel.EMAIL,
        recipient=mail.recipient,
        language=mail.language,
        context={"link": public_link(mail.path)},
        expires_at=fact.created_at + lasts,
    )


def write_password_changed(fact: Fact) -> None:
    """Tell the owner that the password was changed, in case it was somebody else."""
    user = User.objects.filter(pk=fact.read(PasswordChanged).user_id, is_active=True).first()
    if user is None:
        return
    write_message(
        fact=fact,
        kind=Kind.PASSWORD_CHANGED,
        channel=Message.Channel.EMAIL,
        recipient=user.email,
        language=user.language,
    )


def write_invitation(fact: Fact) -> None:
    """Send the invitation's link to the contact on file; a person without one gets it from the desk another way."""
    invitation = mint_invitation(invitation_id=fact.read(PatientInvited).invitation_id)
    address = address_of(invitation.subject_id) if invitation else None
    if invitation is None or address is None:
        return
    write_message(
        fact=fact,
        kind=Kind.INVITATION,
        channel=address.channel,
        recipient=address.recipient,
        language=address.language,
        context={"link": public_link(invitation.path)},
        expires_at=fact.created_at + INVITATION_LIFE,
    )


def write_account_code(fact: Fact) -> None:
    """Send the code to the contact on file that the claimant chose."""
    code = mint_account_code(invitation_id=fact.read(AccountCodeRequested).invitation_id)
    address = address_of(code.subject_id, channel=Message.Channel(code.contact)) if code else None
    if code is None or address is None:
        return
    write_message(
        fact=fact,
        kind=Kind.ACCOUNT_CODE,
        channel=address.channel,
        recipient=address.recipient,
        language=address.language,
        context={"code": code.code},
        expires_at=fact.created_at + CODE_LIFE,
    )


def write_email_check(fact: Fact) -> None:
    """Send the code to the chosen sign-in address, or say there that it is taken: the page itself never tells."""
    check = mint_email_code(invitation_id=fact.read(EmailCheckRequested).invitation_id)
    if check is None:
        return
    languages = Patient.objects.filter(pk=check.subject_id).values_list("language", flat=True)
    write_message(
        fact=fact,
        kind=Kind.EMAIL_CHECK if check.code else Kind.ADDRESS_IN_USE,
        channel=Message.Channel.EMAIL,
        recipient=check.recipient,
        language=languages.first() or settings.LANGUAGE_CODE,
        context={"code": check.code or ""},
        expires_at=fact.created_at + CODE_LIFE,
    )
