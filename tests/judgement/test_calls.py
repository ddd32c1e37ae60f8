"""Calls of what has several signatures: the overloads of the standard library."""

from __future__ import annotations

import pytest
from world import World

from pinproof.judgement.answers import Absent, Present
from pinproof.judgement.calls import call_result
from pinproof.model.module import Call


@pytest.mark.parametrize(
    ("target", "call", "taken"),
    [
        ("builtins:sum", Call(1, ("start",)), True),
        ("builtins:sum", Call(1, ("gone",)), False),
        ("builtins:sum", Call(0), False),
        ("builtins:max", Call(3, ("key",)), True),
        ("subprocess:run", Call(1, ("text", "check")), True),
        ("subprocess:run", Call(1, ("gone",)), False),
        ("builtins:open", Call(1, ("encoding", "newline")), True),
        ("builtins:open", Call(9), False),
        ("asyncio:gather", Call(0, ("loop",), starred=True), False),
        ("asyncio:gather", Call(9, ("return_exceptions",)), True),
    ],
)
def test_overloads_of_the_standard_library(target: str, call: Call, taken: bool) -> None:
    environment = World({}).environment({})
    found = environment.resolve(target, "")
    assert isinstance(found, Present)
    assert isinstance(call_result(environment, found, call), Present if taken else Absent)
