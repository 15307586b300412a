"""What a clinic's messages follow, type by type, and by which services they leave the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediconnect.portal.desk import Desk
from mediconnect.portal.setup.forms.messages import leads_words
from notifications.channels import names_of
from notifications.models import Channel, MessagePolicy, Template, TypeReminders
from notifications.queries.policies import policy_of
from providers.models import AppointmentType

# What an operator sets before a channel is real, in the order in which one needs it.
_VARIABLES: Final = {
    Channel.SMS: ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_MESSAGING_SERVICE", "TWILIO_FROM"),
    Channel.EMAIL: ("SENDGRID_API_KEY", "SENDGRID_FROM", "SENDGRID_WEBHOOK_PUBLIC_KEY"),
}


@dataclass(frozen=True, slots=True)
class Service:
    """How a channel's messages leave: a sentence, and the variables that would make them real where they are not."""

    title: str
    sentence: str
    is_real: bool
    variables: Sequence[str]


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A type of visit and its reminders in words. `is_own` says that they differ from the clinic's."""

    kind: AppointmentType
    words: str
    is_own: bool


def types_with_reminders(desk: Desk, policy: MessagePolicy) -> list[TypeRow]:
    """Return the types on offer with their reminders; two statements."""
    types = AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True).order_by("name")
    own = dict(
        TypeReminders.objects.filter(appointment_type__clinic=desk.clinic.pk).values_list(
            "appointment_type_id", "reminder_minutes"
        )
    )
    return [TypeRow(kind, leads_words(own.get(kind.pk, policy.reminder_minutes)), kind.pk in own) for kind in types]


def services() -> list[Service]:
    """Return how text messages and mail leave this house."""
    return [_service(channel, name) for channel, name in names_of().items()]


def _service(channel: str, name: str) -> Service:
    is_real = name != "sandbox"
    if channel == Channel.SMS:
        title = _("Text messages")
        real = _("They are sent by Twilio.")
        sandbox = _("They are recorded and shown here, and reach nobody. For real ones an operator sets:")
    else:
        title = _("E-mail")
        real = _("It is sent by SendGrid.")
        sandbox = _("It is recorded and shown here, and reaches nobody. For real mail an operator sets:")
    return Service(title, real if is_real else sandbox, is_real, () if is_real else _VARIABLES[Channel(channel)])


def in_one_line(desk: Desk) -> str:
    """Return what the overview says of a clinic's messages; two statements."""
    own = Template.objects.filter(clinic=desk.clinic.pk).count()
    said = _("Reminders: %(steps)s") % {"steps": leads_words(policy_of(desk.clinic.pk).reminder_minutes)}
    if own:
        said += "; " + ngettext("%(count)d message in your words", "%(count)d messages in your words", own) % {
            "count": own
        }
    return said
