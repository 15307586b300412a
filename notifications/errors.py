"""What goes wrong with messages."""

from mediconnect.errors import DomainError


class CannotBeWritten(Exception):  # told to no caller: the sender gives the message up for a person to look at
    """There are no words for this message, or something that they need is not there."""


class LinkUnknown(DomainError):
    """No message has this link, or its day is over: which of the two is told to nobody."""

    code, status, title = "link-unknown", 404, "This link leads nowhere"
    sentence = "It is no longer valid, or part of it was lost on its way."


class LinkRevoked(DomainError):
    """What the message told is no longer so: a newer one holds, or the visit was cancelled."""

    code, status, title = "link-revoked", 410, "This visit was changed"
    sentence = (
        "It was moved or cancelled after this message was written. Please look for a newer message, or call the clinic."
    )


class BirthDateWrong(DomainError):
    """Nobody whom the link is about was born that day. `tries_left` counts down from five in an hour."""

    code, status, title = "birth-date-wrong", 403, "The date does not match"
    sentence = "This is not the date of birth that the clinic has on file."


class MessageOnItsWay(DomainError):
    """Only a message that was given up or not delivered can be queued again or put away; any other takes its course."""

    code, status, title = "message-on-its-way", 409, "Nothing to do again"
    sentence = "This message was not given up, so there is nothing to queue again or to put away."


class ReplyClosed(DomainError):
    """Somebody was faster, or it needed nobody."""

    code, status, title = "reply-closed", 409, "This reply is no longer open"
    sentence = "Somebody answered or closed it already."


class TooManyHooks(DomainError):
    """Each event would cost a call for each of them."""

    code, status, title = "too-many-webhooks", 409, "There are ten webhooks already"
    sentence = "Remove one that is not used any more, then add this one."


class CallNotOver(DomainError):
    """What is still on its way takes its course."""

    code, status, title = "call-not-over", 409, "This call is still on its way"
    sentence = "It is sent by itself, so there is nothing to send again yet."


class NothingToAnswerAbout(DomainError):
    """A reply that is bound to no visit cannot be answered by a message about one."""

    code, status, title = "nothing-to-answer-about", 409, "This reply is about no visit"
    sentence = "Call the person, then close it with a note."


class NoMessageReachesThem(DomainError):
    """An answer by message would be written and never sent: who clicked must not believe that it was told."""

    code, status, title = "no-message-reaches-them", 409, "No message can be sent there"
    sentence = "Whoever has this number wants no messages, or none arrives. Call the person, then close it with a note."
