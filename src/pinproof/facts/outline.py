"""What a module offers, without parsing what its functions do.

Who looks up a name in a module asks how it is bound, what a class has, what a function takes; the bodies of functions
are half of all text and seldom asked for. They are cut out of it by the indentation of their lines, and what is left is
read like any module. An outline says nothing that the whole does not say; what it lacks, the whole may have. So only
the whole tells that something is missing, and the bodies that were left out are marked where they would say more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from pinproof.facts.bodies import bodies_of, read_without
from pinproof.model.module import KEEPS_UNREAD, UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pinproof.facts.bodies import Body
    from pinproof.model.module import ModuleFacts

_NEEDED = (
    b"global ",
    b"__all__",
    b"sys.modules",
    b".. deprecated::",
    b"Deprecat",
    b"Removed",
    b"FutureWarning",
)
"""What a function does to its module, and how it says that it goes away, is not seen from outside."""
_NEEDED_NAMES = frozenset({b"__init__", b"__getattr__"})
"""Functions that tell what else there is: attributes of objects, names of the module."""
_GIVES = re.compile(rb"return\b[ \t]*[^\s#]")
_WRITES = re.compile(
    rb"\.(\w+)(?=[ \t]*(?:[-+*/%@&|^]|//|\*\*|<<|>>|[:,)\]][^=\n(]{0,200})?=(?!=)|[ \t]+in\b|[ \t]*,?[ \t]*:[ \t]*\n)"
)
"""What may stand on the left of an assignment, in a `for` or behind the `as` of a `with`."""


def read_outline(source: bytes) -> ModuleFacts | None:
    """The facts of a module without the bodies of functions; None where the whole has to be read.

    What a function returns whose body would say so is `UNREAD`; and so is what it keeps, as a decorator.
    """
    needed = [words for words in _NEEDED if words in source]
    bodies = [body for body in bodies_of(source) if not _is_needed(source, body, needed)]
    facts = read_without(source, bodies)
    if facts is None:
        return None
    giving = set(_lines_of_giving(source, bodies))
    functions = {
        name: msgspec.structs.replace(
            function, returns=function.returns or (UNREAD,), keeps=function.keeps or KEEPS_UNREAD
        )
        if function.line in giving
        else function
        for name, function in facts.functions.items()
    }
    written = {name for body in bodies for name in _WRITES.findall(source, body.start, body.end)}
    return msgspec.structs.replace(
        facts,
        functions=functions,
        unread=frozenset(name.decode("utf-8", "replace") for name in written),
    )


def _is_needed(source: bytes, body: Body, needed: Iterable[bytes]) -> bool:
    return body.name in _NEEDED_NAMES or any(
        source.find(words, body.start, body.end) >= 0 for words in needed
    )


def _lines_of_giving(source: bytes, bodies: Sequence[Body]) -> Iterator[int]:
    """The lines of the functions whose bodies would tell what a call gives."""
    line, done = 1, 0
    for body in bodies:
        if _GIVES.search(source, body.start, body.end):
            line += source.count(b"\n", done, body.definition)
            done = body.definition
            yield line
