"""Run the command line in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pinproof.cli import main

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def pins(self) -> dict[str, str]:
        """The pins of the JSON answer."""
        return {package["name"]: package["version"] for package in self.json["packages"]}


class Command:
    """Runs the command line with some options for every command."""

    def __init__(self, capsys: pytest.CaptureFixture[str], options: Sequence[str] = ()) -> None:
        self._capsys = capsys
        self.options = tuple(options)

    def __call__(self, name: str, *arguments: str) -> Ran:
        return self.bare(name, *self.options, *arguments)

    def json(self, name: str, *arguments: str) -> Ran:
        """With the answer as JSON."""
        return self(name, "--output-format", "json", *arguments)

    def bare(self, *arguments: str) -> Ran:
        """With nothing but these arguments."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = self._capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Ran(left.value.code, out, err)
