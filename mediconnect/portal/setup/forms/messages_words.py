"""The form of a clinic's own words for one message."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from notifications.models import Channel

from .edits import EditForm


class WordsForm(EditForm):
    """Subject and text with their placeholders; a text message has no subject. The linter judges them, not the form."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Shown on lock screens: only the clinic, day and time are filled in here."),
    )
    body = forms.CharField(label=gettext_lazy("Text"), required=False, widget=forms.Textarea(attrs={"rows": 12}))

    def __init__(self, *args: Any, channel: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if channel == Channel.SMS:
            del self.fields["subject"]
            self.fields["body"].widget.attrs["rows"] = 6
        for name in ("subject", "body"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"lang": language, "data-takes-words": name}

    def typed(self) -> dict[str, str]:
        """Return what was typed, judged or not."""
        return {name: str(self[name].value() or "") for name in ("subject", "body") if name in self.fields}
