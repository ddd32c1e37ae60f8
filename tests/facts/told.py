"""Facts in short, so that a table can hold them: `later call b:gone | try ImportError / if has b:gone`."""

from __future__ import annotations

from textwrap import dedent
from typing import assert_never

import msgspec

from pinproof.facts.module import read_module
from pinproof.model import module as m

_DECODE = msgspec.msgpack.Decoder(m.ModuleFacts).decode


def facts(source: str | bytes) -> m.ModuleFacts:
    """The facts of a source that can be parsed, after a trip through the store's format."""
    read = read_module(dedent(source).encode() if isinstance(source, str) else source)
    stored = _DECODE(msgspec.msgpack.encode(read))
    assert stored == read
    assert not read.degraded
    return stored


def uses(source: str) -> set[str]:
    """What the source takes."""
    read = facts(source)
    return {use_in_short(use, read) for use in read.uses}


def use_in_short(use: m.Use, read: m.ModuleFacts) -> str:
    """How, what, and under which guards."""
    guards = guards_in_short(read, use.guard)
    return f"{'later ' if use.deferred else ''}{use.how} {use.target}{f' | {guards}' if guards else ''}"


def bindings(source: str) -> dict[str, list[str]]:
    """Name -> the ways in which it is bound."""
    read = facts(source)
    return {name: [_binding(way, read) for way in ways] for name, ways in read.bindings.items()}


def _binding(way: m.Binding, read: m.ModuleFacts) -> str:
    guards = guards_in_short(read, way.guard)
    truth = f" = {condition_in_short(way.test)}" if way.test is not None else ""
    return f"{f'{way.kind} {way.target}'.rstrip()}{truth}{f' | {guards}' if guards else ''}"


def guards_in_short(read: m.ModuleFacts, number: int) -> str:
    """The guards from the outermost to this one."""
    words: list[str] = []
    while number != -1:
        guard = read.guards[number]
        if guard.catches:
            words.append(f"try {' '.join(guard.catches)}")
        elif guard.after >= 0:
            words.append("handler")
        elif guard.unless >= 0:
            words.append("else")
        elif guard.test is not None:
            words.append(f"if {condition_in_short(guard.test)}")
        else:
            words.append("try")
        number = guard.parent
    return " / ".join(reversed(words))


def condition_in_short(test: m.AnyTest) -> str:
    """A condition; `?` says nothing, `??` is wary."""
    match test:
        case m.Opaque(wary):
            return "??" if wary else "?"
        case m.Constant(value):
            return str(value)
        case m.PythonVersion(op, value):
            return f"python {op} {'.'.join(map(str, value))}"
        case m.Platform(subject, op, value):
            return f"{subject} {op} {value}"
        case m.LibraryVersion(module, op, value):
            return f"version of {module} {op} {value}"
        case m.Has(target):
            return f"has {target}"
        case m.Flag(target):
            return f"flag {target}"
        case m.Not(inner):
            return f"not {condition_in_short(inner)}"
        case m.All(tests):
            return f"({' and '.join(map(condition_in_short, tests))})"
        case m.Any_(tests):
            return f"({' or '.join(map(condition_in_short, tests))})"
        case _:
            assert_never(test)
