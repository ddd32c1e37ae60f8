"""A module's source -> what it offers and what it takes."""

from __future__ import annotations

from pinproof.facts.source import UnreadableSourceError, parse
from pinproof.facts.walker import Walker
from pinproof.model.module import ModuleFacts


def read_module(source: bytes, *, stub: bool = False) -> ModuleFacts:
    """The facts of one module, or of a stub (`.pyi`); of what cannot be parsed, only why. Never raises.

    Call it inside `facts.source.parsing()` where many modules are read.
    """
    try:
        return Walker(stub=stub).read(parse(source))
    except UnreadableSourceError as error:
        return ModuleFacts(degraded=str(error))
    except RecursionError:
        return ModuleFacts(degraded="nested too deeply")
