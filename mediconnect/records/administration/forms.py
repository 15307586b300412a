"""A form that knows which version of its record it shows, and what came of the last try to save it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from .history import stamp_of

if TYPE_CHECKING:
    _Form = forms.ModelForm[Any]
else:
    _Form = forms.ModelForm


class SeenForm(_Form):
    """`seen` travels with the form: the version of the record, or the number of its last change where it has none.

    `told` is set by the page after a refused try: what was refused, by field, "" for the form as a whole.
    """

    told: ClassVar[Mapping[str, list[str]]] = {}

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remember what the page shows."""
        super().__init__(*args, **kwargs)
        # For the same reason as `validate_unique`; Django's form has no hook for constraints.
        self.instance.validate_constraints = lambda exclude=None: None  # noqa: ARG005
        if not self.instance._state.adding:  # noqa: SLF001  Django's own way to ask
            self.fields["seen"].initial = stamp_of(self.instance)

    def clean(self) -> dict[str, Any] | None:
        """Say what the last try was refused for."""
        cleaned = super().clean()
        for name, lines in self.told.items():
            self.add_error(name if name in self.fields else None, lines)
        return cleaned

    def validate_unique(self) -> None:
        """Leave it to the database, when it is written: the one referee that cannot be overtaken, and it speaks in sentences."""

    def changes(self) -> dict[str, Any]:
        """Return the values that differ from the record's, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "seen"}
