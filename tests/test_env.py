from datetime import timedelta

import pytest

from mediconnect import env
from mediconnect.env import EnvironmentValueError


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOUR", "  ")
    assert env.text("COLOUR", "blue") == "blue"
    with pytest.raises(EnvironmentValueError, match="COLOUR is not set"):
        env.text("COLOUR")
