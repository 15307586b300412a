"""What the forms of setup share: the version they were made against, groups of fields, and their values in words."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from mediconnect.portal.desk import Desk

Words = str | Promise
# A legend and the names of the fields below it; a form without groups is one list.
Groups = Sequence[tuple[Words, Sequence[str]]]


class EditForm(forms.Form):
    """A form of setup. `version` is the row's when the form was shown; empty where there is no row yet."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    groups: ClassVar[Groups] = ()

    @classmethod
    def initial_of(cls, desk: Desk, row: Any) -> dict[str, Any]:  # noqa: ARG003  children show by the clinic's clock
        """Return what the fields show of a row: its columns of the same names."""
        return {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}

    def values(self) -> dict[str, Any]:
        """Return what the form says about the row, by column."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def sections(self) -> Iterator[tuple[Words, list[BoundField]]]:
        """Return the groups with their fields, for the template."""
        for legend, names in self.groups or (("", [name for name in self.fields if name != "version"]),):
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                yield legend, fields

    def word(self, name: str) -> str:
        """Return what a field is called."""
        return str(self.fields[name].label or name)

    def spoken(self, name: str, value: Any) -> str:
        """Return a value of a field in words, be it the row's or as it was typed."""
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return _("yes") if field.to_python(value) else _("no")
        if value in (None, "", []):
            return "–"
        if isinstance(field, forms.ChoiceField | forms.MultipleChoiceField):
            words = {str(key): str(word) for key, word in field.choices}  # type: ignore[union-attr, misc]  # no groups here
            chosen = value if isinstance(value, list | tuple | set | frozenset) else [value]
            return ", ".join(words.get(str(one), str(one)) for one in chosen)
        return str(value)
