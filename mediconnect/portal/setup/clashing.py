"""Two people changed the same row: whose change came first, what it was, what the other wanted, and the way on."""

import copy
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.forms.widgets import ChoiceWidget

from mediconnect.portal.desk import Desk
from mediconnect.records.administration.history import told
from mediconnect.records.encryption import EncryptedTextField, decrypt
from mediconnect.records.models import Change

from .forms.edits import EditForm


@dataclass(frozen=True, slots=True)
class Pairs:
    """Fields of a form in order, repeated ones as often as they are sent; templates ask it for `items`."""

    pairs: Sequence[tuple[str, str]]

    def items(self) -> Sequence[tuple[str, str]]:
        """Return name and value of each."""
        return self.pairs


@dataclass(frozen=True, slots=True)
class Clash:
    """What the clash component shows. `theirs` holds words, before and after; `mine` words and values."""

    who: str
    at: dt.datetime | None
    theirs: Sequence[tuple[str, str, str]]
    mine: Sequence[tuple[str, str]]
    action: str
    version: object
    fields: Pairs
    keep: str


def clash_with(desk: Desk, form: EditForm, record: Model, action: str, keep: str) -> Clash:
    """Return the clash of a form with a row that moved on since the form was shown. `record` is the row as it is now."""
    seen_version, version = form.cleaned_data.get("version") or 0, getattr(record, "version", 0)
    changes = list(Change.objects.of(record).filter(version__gt=seen_version))
    last = told(record, changes[-1:])
    seen, now = (form.initial_of(desk, row) for row in (_as_seen(record, changes), record))
    who, at = (last[0].who, last[0].at) if last else ("", None)
    return clash_between(form, seen, now, who=who, at=at, action=action, version=version, keep=keep)


def clash_between(
    form: EditForm,
    seen: Mapping[str, Any],
    now: Mapping[str, Any],
    *,
    who: str,
    at: dt.datetime | None,
    action: str,
    version: object,
    keep: str,
) -> Clash:
    """Return what differs between what was seen, what is there now and what the form wants."""
    names = [name for name in form.fields if name != "version"]
    mine = [name for name in names if form.fields[name].has_changed(seen.get(name), form[name].data)]
    theirs = [name for name in names if seen.get(name) != now.get(name)]
    wanted = {name: form[name].data if name in mine else now.get(name) for name in names}
    return Clash(
        who=who,
        at=at,
        theirs=[
            (form.word(name), form.spoken(name, seen.get(name)), form.spoken(name, now.get(name))) for name in theirs
        ],
        mine=[(form.word(name), form.spoken(name, form[name].data)) for name in mine],
        action=action,
        version=version,
        fields=Pairs(list(_sent(form, wanted))),
        keep=keep,
    )


def _as_seen(record: Model, changes: Iterable[Change]) -> Model:
    """Return the row as it was before the changes, made of what they replaced."""
    before: dict[str, Any] = {}
    for change in changes:
        before = {**change.before, **before}
    row = copy.copy(record)
    for column, value in before.items():
        try:
            field = record._meta.get_field(column.removesuffix("_id"))
        except FieldDoesNotExist:
            continue
        # The history keeps what is sealed as it is stored.
        opened = decrypt(value or "") if isinstance(field, EncryptedTextField) else value
        setattr(row, column, field.to_python(opened))  # type: ignore[union-attr]  # a column is no relation from elsewhere
    return row


def _sent(form: EditForm, wanted: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Return the values as a browser would send them: an unchecked box not at all, a list one by one."""
    for name, value in wanted.items():
        prepared = form.fields[name].prepare_value(value)
        if prepared is None or prepared is False or prepared == "":
            continue
        if isinstance(prepared, list | tuple):
            yield from ((name, str(one)) for one in prepared)
        elif prepared is True:
            yield name, "on"
        else:
            widget = form.fields[name].widget
            yield name, str(prepared if isinstance(widget, ChoiceWidget) else widget.format_value(prepared))
