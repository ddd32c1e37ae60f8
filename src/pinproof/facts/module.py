"""A module's source -> what it offers and what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.facts.source import UnreadableSourceError, parse
from pinproof.facts.walker import Walker
from pinproof.model.module import ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Set


def read_module(source: bytes, *, stub: bool = False, sought: Set[str] = frozenset()) -> ModuleFacts:
    """The facts of one module, or of a stub (`.pyi`); of what cannot be parsed, only why. Never raises.

    Where one of the members `sought` is taken of something untraced, that is among the uses: `~:member`.

    Call it inside `facts.source.parsing()` where many modules are read.
    """
    try:
        return Walker(stub=stub, sought=sought).read(parse(source))
    except UnreadableSourceError as error:
        return ModuleFacts(degraded=str(error))
    except RecursionError:
        return ModuleFacts(degraded="nested too deeply")
