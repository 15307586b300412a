"""What happened to accounts, in the past tense and by id alone; whoever writes mail reads the rest when it does."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PasswordResetRequested:
    """Somebody asked for a new password. `mint_password_reset` gives the mail's link, or None for unknown addresses."""

    reset_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ColleagueInvited:
    """Somebody shall work here and has no password yet. `mint_password_reset` gives the link that sets the first one."""

    reset_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """A password was set or changed and everything it had opened was ended."""

    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PatientInvited:
    """The desk invited the person of a record to open an account. `mint_invitation` gives the link."""

    invitation_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AccountCodeRequested:
    """A claimant gave a birth date. `mint_account_code` gives the code for the contact on file, or None."""

    invitation_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class EmailCheckRequested:
    """A claimant chose a sign-in address. `mint_email_code` gives the code for that address."""

    invitation_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AccountClaimed:
    """A record has an account now."""

    user_id: uuid.UUID
    subject_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class UserDeactivated:
    """Somebody may not sign in any more; sessions and tokens are ended."""

    user_id: uuid.UUID
