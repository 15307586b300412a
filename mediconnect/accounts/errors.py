"""What can go wrong with a sign-in, in sentences that say the same to everybody."""

from mediconnect.errors import DomainError


class SignInRefused(DomainError):
    """Unknown address, wrong password, unverified or disabled account: nobody is told which."""

    code = "sign-in-refused"
    status = 401
    title = "Sign-in refused"
    sentence = "That e-mail address and password do not match an account that may sign in."


class TooManyAttempts(DomainError):
    """Too many tries; `extra` carries `retry_after` in whole seconds."""

    code = "too-many-attempts"
    status = 429
    title = "Too many attempts"
    sentence = "Too many attempts. Please wait a moment and try again."

    def __init__(self, *, retry_after: int) -> None:
        """Say when the next try is looked at, in seconds from now."""
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after)


class LinkInvalid(DomainError):
    """The link was never ours, was used, was replaced or is too old."""

    code = "link-invalid"
    status = 404
    title = "Link not valid"
    sentence = "This link is not valid any more. Please ask for a new one."


class CodeWrong(DomainError):
    """The code is wrong, used, too old, or was never sent."""

    code = "code-wrong"
    status = 422
    title = "Code not accepted"
    sentence = "That code is not right or no longer valid. Check it, or ask for a new one."


class InvitationSpent(DomainError):
    """All tries of an invitation are used up."""

    code = "invitation-spent"
    status = 410
    title = "Invitation used up"
    sentence = "Too many tries with this invitation. Please ask the clinic for a new one."


class PasswordUnfit(DomainError):
    """The new password is too weak; `extra` carries `errors`, a list of sentences."""

    code = "password-unfit"
    status = 422
    title = "Password not accepted"
    sentence = "This password is not good enough."


class AlreadyClaimed(DomainError):
    """The record got its account in another way meanwhile."""

    code = "already-claimed"
    status = 409
    title = "Account exists"
    sentence = "This invitation cannot be finished. Please ask the clinic for a new one."


class AccountClosed(DomainError):
    """The account was switched off; only whoever runs the system opens it again."""

    code = "account-closed"
    status = 409
    title = "The account is switched off"
    sentence = "This person's account was switched off. Ask your system administrator to open it again."


class SecondFactorDue(DomainError):
    """A right password alone does not open this account."""

    code = "second-factor-due"
    status = 401
    title = "Second factor due"
    sentence = "Please confirm the sign-in with your second factor."


class ClientInvalid(DomainError):
    """An OAuth client was described in a way that the server's rules forbid."""

    code = "client-invalid"
    status = 422
    title = "Client not accepted"
    sentence = "This client cannot be registered."


class TokenRefused(DomainError):
    """No token is handed out for this."""

    code = "token-refused"
    status = 422
    title = "Token refused"
    sentence = "There is no account with that address that may sign in."
