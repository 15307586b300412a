"""What is remembered about people who sign in."""

from mediconnect.accounts.models.attempt import SignInAttempts
from mediconnect.accounts.models.invitation import Invitation
from mediconnect.accounts.models.reset import PasswordReset
from mediconnect.accounts.models.second_factor import Authenticator, RecoveryCode
from mediconnect.accounts.models.session import Session
from mediconnect.accounts.models.token_issue import TokenIssue
from mediconnect.accounts.models.user import User

__all__ = [
    "Authenticator",
    "Invitation",
    "PasswordReset",
    "RecoveryCode",
    "Session",
    "SignInAttempts",
    "TokenIssue",
    "User",
]
