"""Readers of the environment: what they accept, what they refuse, what they never repeat."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from mediconnect import env
from mediconnect.env import EnvironmentValueError


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOUR", "  ")
    assert env.text("COLOUR", "blue") == "blue"
    with pytest.raises(EnvironmentValueError, match="COLOUR is not set"):
        env.text("COLOUR")


READ = [
    (lambda: env.text("V"), " abc ", "abc"),
    (lambda: env.text("V", "a", choices=("a", "b")), "b", "b"),
    (lambda: env.integer("V"), "42", 42),
    (lambda: env.integer("V", minimum=-5), "-5", -5),
    (lambda: env.boolean("V"), "Yes", True),
    (lambda: env.boolean("V", default=True), "off", False),
    (lambda: env.url("V"), "https://clinic.example/x", "https://clinic.example/x"),
    (lambda: env.url("V", schemes=("redis",)), "redis://:p@h:1/0", "redis://:p@h:1/0"),
    (lambda: env.url("V", schemes=("redis",)), "redis://a:1,b:2/x", "redis://a:1,b:2/x"),
    (lambda: env.duration("V"), "250ms", timedelta(milliseconds=250)),
    (lambda: env.duration("V"), "1.5h", timedelta(minutes=90)),
    (lambda: env.duration("V"), "15", timedelta(seconds=15)),
    (lambda: env.listing("V"), "a, b,,c ", ("a", "b", "c")),
    (lambda: env.secret("V", length=12), "abcdefghijkl", "abcdefghijkl"),
    (lambda: env.secrets("V", length=10), "abcdefghij,0123456789", ("abcdefghij", "0123456789")),
]


@pytest.mark.parametrize(("read", "written", "meant"), READ)
def test_a_good_value_is_read_as_what_it_means(
    read: Callable[[], object], written: str, meant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("V", written)
    assert read() == meant


DEFAULTS = [
    (lambda: env.integer("V", 7), 7),
    (lambda: env.boolean("V", default=False), False),
    (lambda: env.url("V", ""), ""),
    (lambda: env.duration("V", timedelta(seconds=3)), timedelta(seconds=3)),
    (lambda: env.listing("V", ()), ()),
]


@pytest.mark.parametrize(("read", "default"), DEFAULTS)
def test_a_missing_variable_means_its_default(
    read: Callable[[], object], default: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("V", raising=False)
    assert read() == default


REFUSED = [
    (lambda: env.text("V", "a", choices=("a", "b")), "c"),
    (lambda: env.integer("V"), "4.2"),
    (lambda: env.integer("V"), "-1"),
    (lambda: env.integer("V", maximum=10), "11"),
    (lambda: env.integer("V"), "٤٢x"),
    (lambda: env.boolean("V"), "maybe"),
    (lambda: env.url("V"), "clinic.example"),
    (lambda: env.url("V"), "ftp://clinic.example"),
    (lambda: env.url("V"), "https:///path"),
    (lambda: env.url("V"), "https://clinic.example:99999/"),
    (lambda: env.duration("V"), "soon"),
    (lambda: env.duration("V"), "-5s"),
    (lambda: env.listing("V"), ", ,"),
    (lambda: env.secret("V"), "short"),
    (lambda: env.secret("V"), "a" * 60),
    (lambda: env.secrets("V", length=10), "abcdefghij,short"),
]


@pytest.mark.parametrize(("read", "written"), REFUSED)
def test_a_bad_value_is_refused_by_name_and_never_repeated(
    read: Callable[[], object], written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("V", written)
    with pytest.raises(EnvironmentValueError, match=r"^V ") as refusal:
        read()
    assert refusal.value.name == "V"
    assert len(written) < 4 or written not in str(refusal.value)


REQUIRED = [
    lambda: env.integer("V"),
    lambda: env.boolean("V"),
    lambda: env.url("V"),
    lambda: env.duration("V"),
    lambda: env.listing("V"),
    lambda: env.secret("V"),
    lambda: env.secrets("V", length=10),
]


@pytest.mark.parametrize("read", REQUIRED)
def test_a_missing_variable_without_a_default_is_named(
    read: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("V", raising=False)
    with pytest.raises(EnvironmentValueError, match="V is not set"):
        read()


def test_what_means_something_only_together_is_all_set_or_named() -> None:
    env.together({"A": "1", "B": "2"})
    with pytest.raises(
        EnvironmentValueError, match=r"^B is not set, and without it these are of no use: A\.$"
    ) as refusal:
        env.together({"A": "1", "B": ""})
    assert refusal.value.name == "B"
