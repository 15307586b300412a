"""Why hours, rooms and types cannot be changed so, in words for the person who runs the clinic."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mediconnect.errors import DomainError, VersionConflict

if TYPE_CHECKING:
    from django.db.models import Model


class ChangedMeanwhile(VersionConflict):
    """Somebody else changed the row first. `record` is the row as it is now; the door that shows it renders it."""

    def __init__(self, record: "Model") -> None:
        super().__init__()
        self.record = record


class VisitsInTheWay(DomainError):
    """Open time with visits in it would close. `touched` lists the visits as (clinic's id, visit); doors render them."""

    code, status, title = "visits-in-the-way", 409, "Visits are in the way"
    sentence = (
        "Move or cancel the visits in “visits” first, then send the change again. Entered in the portal, time off and closures "
        "find a new time for each of them."
    )

    def __init__(self, detail: str = "", *, touched: Sequence[Any] = (), **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.touched = touched


class NameTaken(DomainError):
    """The clinic has something of this name already."""

    code, status, title = "name-taken", 409, "The name is taken"
    sentence = "There is one of this name already; choose another."


class NoHoursOfItsOwn(DomainError):
    """A room or device without working hours can be used at any time, so there is nothing to add to or take away from."""

    code, status, title = "no-hours-of-its-own", 422, "It has no hours of its own"
    sentence = "A room or device without working hours can be used at any time. Give it working hours first."


class MemberAlready(DomainError):
    """The person has a role in the clinic."""

    code, status, title = "member-already", 409, "This person works here already"
    sentence = "This person has a role in the clinic already. Change the roles instead."


class SignsInAlready(DomainError):
    """There is nothing to send: the person chose a password."""

    code, status, title = "signs-in-already", 409, "This person has a password already"
    sentence = "This person has chosen a password already. A forgotten one is replaced from the sign-in page."


class LastAdmin(DomainError):
    """Nobody could set up the clinic any more."""

    code, status, title = "last-admin", 409, "The clinic needs a clinic admin"
    sentence = "This is the clinic's last clinic admin. Make somebody else a clinic admin first."


class OwnAdminRole(DomainError):
    """Whoever asks would lose the right to undo it."""

    code, status, title = "own-admin-role", 409, "This is your own right to set up the clinic"
    sentence = "You would no longer see these pages and could not take it back yourself. Say so explicitly to go on."


class WorksHereAlready(DomainError):
    """The provider has an active role in the clinic."""

    code, status, title = "works-here-already", 409, "The provider works here already"
    sentence = "This provider works at the clinic already."


class SignInTaken(DomainError):
    """One sign-in opens one calendar."""

    code, status, title = "sign-in-taken", 409, "The sign-in belongs to another provider"
    sentence = "This person's sign-in opens another provider's calendar already. Take it away there first."


class SignInOfAnotherClinic(DomainError):
    """The provider signs in as somebody who works at another clinic alone."""

    code, status, title = "sign-in-of-another-clinic", 409, "The provider has a sign-in from another clinic"
    sentence = "This provider's sign-in belongs to another clinic. That clinic's admin can change it."


class BudgetsChanged(DomainError):
    """Somebody else set the budgets while this person looked at them."""

    code, status, title = "budgets-changed", 409, "Somebody changed the budgets meanwhile"
    sentence = (
        "Somebody else set these budgets a moment ago. What holds now is shown; change it again if it is still wrong."
    )
