"""What listens to a fact takes a fact: the outbox hands over nothing else, and type checkers see names in strings only."""

from typing import get_type_hints

import pytest
from django.utils.module_loading import import_string

from mediconnect.outbox.models import Fact
from mediconnect.wiring import HANDLERS


@pytest.mark.parametrize("name", sorted({name for names in HANDLERS.values() for name in names}))
def test_a_handler_takes_the_fact_and_nothing_else(name: str) -> None:
    said = get_type_hints(import_string(name))
    assert {each: kind for each, kind in said.items() if each != "return"} == dict.fromkeys(
        said.keys() - {"return"}, Fact
    )
    assert len(said) == 2
