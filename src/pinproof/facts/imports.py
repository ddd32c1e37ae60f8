"""What importing a module imports, without parsing the rest of it.

For most modules of a set nothing else is asked. Imports stand at the beginning of lines, or in an `if`, `try` or `with`
of the module: those are taken out of the text, everything else is left blank, and what is left is read like any
module. Where the text does not show for certain which imports run (one that stands in a class, in a function that
importing the module may call, under a condition of the module's own, or perhaps in a string) all but the functions
that import nothing is read, or the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from pinproof.facts.bodies import bodies_of, has_plain_lines, read_without
from pinproof.facts.mentions import FROM, UNINDENTED, line_start, statement_before
from pinproof.facts.module import read_module
from pinproof.facts.scopes import join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pinproof.facts.bodies import Body
    from pinproof.model.module import ModuleFacts

_WORD = re.compile(rb"import(?:\b|(?<=\b__import)(?=__\([ \t]*[\"']))")
"""The statement, and the function where it says what it imports."""
_BEFORE_CALL = b"__"
"""What stands before the word where it is part of the name of that function."""
_FIRST_WORD = re.compile(rb"[a-z]*")
_LISTED = re.compile(rb"[ \t]*\((?:[^()#]|#[^\n]*)*+\)[^\n]*")
_TO_THE_END = re.compile(rb"(?:[^\n\\]|\\\r?\n|\\)*+")
_METHOD = re.compile(rb"([ \t]+)(?:async[ \t]+)?def[ \t]+(\w+)")
_DEFINED = re.compile(rb"\b(?:def|class)[ \t]+(\w+)")
_NAMED = re.compile(rb"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_MOST_STEPS = 10
"""From a function that imports to those that call it, and so on."""
_CLASS = re.compile(rb"\bclass[ \t]+(\w+)")
_DOCSTRING = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\n)*+[rRuU]?(\"\"\"|''')")
_CONDITION = re.compile(rb"\n[ \t]*(?:el)?if\b(.*)")
_TOLD_BY_ITSELF = re.compile(
    rb"[ \t(]*(?:not[ \t]+)?(?:(?:\w+\.)?TYPE_CHECKING|sys\.(?:version_info|platform)|os\.name|__name__)\b"
    rb"(?:(?! or | and ).)*|[ \t]*(?:not[ \t]+)?[\w.]+\(\)[ \t]*:.*"
)
"""A condition that says no more where the rest of the module is known: what a call gives is not."""
_STRING = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|#.*")
_NAMES = re.compile(rb"(?<![\w.])[A-Za-z_]\w*")
_MOST_NAMES = 50
_WORDS = frozenset({b"and", b"or", b"not", b"in", b"is", b"None", b"True", b"False"})
_BINDING = (
    rb"\b(?:def|class|global|as)[ \t]+(?:%b)\b|\bfor\b[^\n:]{0,200}\b(?:%b)\b"
    rb"|(?<![\w.])(?:%b)[ \t]*(?:[:,][^=\n]{0,200})?=(?!=)"
)
_ASSIGNED = re.compile(rb"\n[ \t]*+([a-zA-Z_\x80-\xff][\w\x80-\xff]*+)\.([\w.\x80-\xff]++)[ \t]*+=(?!=)")
_FUNCTIONS = frozenset({b"def", b"async"})
_GOES_ON = frozenset({b"elif", b"else", b"except", b"finally"})
_BEGINS = frozenset({b"if", b"try", b"with", b"for", b"while"})
"""What may hold imports of the module; a `match` or an `async with` is left to the parser."""

_NOT_CALLED = re.compile(rb"[\w.\"']\Z|\b(?:def|class) \Z")
"""Before a name with a parenthesis behind it: part of another name, a member, a string, a definition."""

_MOST = 200
"""Functions that import, and methods that are passed over on the way to one that does; few modules have so many."""


class _NotToldError(Exception):
    """The text does not show for certain which imports run."""


def read_imports(source: bytes) -> ModuleFacts | None:
    """The facts of a module as far as they say what it imports, and what of that it writes to.

    None where only the whole source tells.
    """
    try:
        kept = list(_kept(source))
    except _NotToldError:
        facts = read_without(source, _importing_nothing(source))
        return facts and _with_patches(source, facts)
    facts = read_module(_without_the_rest(source, kept))
    return None if facts.degraded else _with_patches(source, facts)


def _importing_nothing(source: bytes) -> list[Body]:
    """The bodies of functions that import nothing, and call none that does: importing the module may run those."""
    bodies = list(bodies_of(source))
    looked_for = _WORD
    for _ in range(_MOST_STEPS):
        needed = {body.name for body in bodies if looked_for.search(source, body.start, body.end)}
        if not needed:
            return bodies
        bodies = [body for body in bodies if body.name not in needed]
        if any(name.startswith(b"__") for name in needed):
            needed.update(_CLASS.findall(source))  # one of them is called by the name of its class
        looked_for = re.compile(rb"(?<![\w.])(?:%s)[ \t]*\(" % b"|".join(sorted(needed)))
    return []


def _with_patches(source: bytes, facts: ModuleFacts) -> ModuleFacts:
    return msgspec.structs.replace(facts, patches=tuple(_patches(source, facts)))


def _patches(source: bytes, facts: ModuleFacts) -> Iterator[str]:
    """What the text, functions included, assigns to attributes of what it imports (rather more than less)."""
    for root, chain in {found.groups() for found in _ASSIGNED.finditer(source)}:
        for way in facts.bindings.get(root.decode("utf-8", "replace"), ()):
            yield join(way.target, chain.decode("utf-8", "replace"))


def _without_the_rest(source: bytes, kept: list[tuple[int, int]]) -> bytes:
    """These spans of the text, on the lines where they stood."""
    parts: list[bytes] = []
    done = 0
    for start, end in kept:
        if start >= done:
            parts += (b"\n" * source.count(b"\n", done, start), source[start:end])
            done = end
    return b"".join(parts)


def _kept(source: bytes) -> Iterator[tuple[int, int]]:
    """The spans of the text that hold the imports which importing the module runs, in order."""
    if not has_plain_lines(source):
        raise _NotToldError
    text = _Text(source)
    end = 0
    for found in _WORD.finditer(source, text.start):
        if found.start() < end:
            continue
        line = line_start(source, found.start())
        before = source[line : found.start()]
        statement = statement_before(before)
        if statement and not FROM.match(statement) and not statement.endswith(_BEFORE_CALL):
            continue
        if before[:1] in (b" ", b"\t"):
            yield from text.indented(found.start(), len(before) - len(before.lstrip()))
        elif text.may_be_in_string(line):
            raise _NotToldError
        elif statement == before.strip():
            end = _end_of_statement(source, found.end())
            yield line, end
        else:
            yield text.compound(line)
    text.refuse_called()


def _end_of_statement(source: bytes, position: int) -> int:
    end = _LISTED.match(source, position) or _TO_THE_END.match(source, position)
    return end.end() if end else position


class _Text:
    """A source by its top-level lines, from `start` on, where its docstring is over."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        docstring = _DOCSTRING.match(source)
        end = source.find(docstring[1], docstring.end()) if docstring else -1
        self.start = end + 3 if end >= 0 else 0
        self._tops: list[int] | None = None
        self._in_string = False
        self._counted = self.start
        self._steps = 0
        self._importing: set[bytes] = set()
        self._compound: tuple[int, int] = (0, 0)

    def _top(self, position: int) -> int:
        """The number of the top-level line at or before a position."""
        if self._tops is None:
            self._tops = [
                self.start,
                *(found.end() for found in UNINDENTED.finditer(self.source, self.start)),
            ]
        return bisect_right(self._tops, position) - 1

    def _line(self, number: int) -> int:
        assert self._tops is not None
        return self._tops[number] if number < len(self._tops) else len(self.source)

    def _kind(self, number: int) -> bytes:
        found = _FIRST_WORD.match(self.source, self._line(number))
        return found[0] if found else b""

    def _name(self, number: int) -> bytes:
        named = _NAMED.match(self.source, self._line(number))
        if named is None:
            raise _NotToldError
        return named[1]

    def may_be_in_string(self, position: int) -> bool:
        """Whether a position, behind those asked about before, seems to be in a string of several lines."""
        for quotes in (b'"""', b"'''"):
            self._in_string ^= self.source.count(quotes, self._counted, position) % 2 == 1
        self._counted = position
        return self._in_string

    def indented(self, position: int, depth: int) -> Iterator[tuple[int, int]]:
        """An import that stands within something: what of it is kept."""
        number = self._top(position)
        kind = self._kind(number)
        if kind in _FUNCTIONS:
            self._importing.add(self._name(number))
        elif kind in _BEGINS or kind in _GOES_ON:
            yield self.compound(position)
        elif self.may_be_in_string(position):
            return
        elif kind == b"class":
            self._within_class(number, position, depth)
        else:
            raise _NotToldError

    def _within_class(self, number: int, position: int, depth: int) -> None:
        """An import in a method runs when that is called; importing a module calls constructors at most."""
        method = self._method(self._line(number), position, depth)
        if method is None or self._is_over(method, position):
            raise _NotToldError
        if method[2].startswith(b"__"):
            self._importing.add(self._name(number))

    def _method(self, start: int, position: int, depth: int) -> re.Match[bytes] | None:
        """The last function that begins before a position and is less indented than what stands there."""
        while (position := self.source.rfind(b"def ", start, position)) >= 0:
            line = self.source.rfind(b"\n", start, position) + 1
            method = _METHOD.match(self.source, line)
            if method is not None and len(method[1]) < depth:
                return method
            self._steps += 1
            if self._steps > 50 * _MOST:
                raise _NotToldError
        return None

    def _is_over(self, method: re.Match[bytes], position: int) -> bool:
        """Whether a line between the head of a method and a position stands outside of it."""
        outside = re.compile(rb"\n[ \t]{0,%d}(?=[^\s#)\]}])" % len(method[1]))
        return outside.search(self.source, method.end(), position) is not None

    def compound(self, position: int) -> tuple[int, int]:
        """The whole of an `if`, `try` or `with` of the module, with all of its branches."""
        if not self._compound[0] <= position < self._compound[1]:
            self._compound = self._whole(self._top(position))
        return self._compound

    def _whole(self, number: int) -> tuple[int, int]:
        first, after = number, number + 1
        while first > 0 and self._kind(first) in _GOES_ON:
            first -= 1
        while self._kind(after) in _GOES_ON:
            after += 1
        start, end = self._line(first), self._line(after)
        text = self.source[start:end]
        conditions = _CONDITION.findall(b"\n" + text)
        if (
            self._kind(first) not in _BEGINS
            or self.may_be_in_string(start)
            or not self._are_told(conditions, start, end)
        ):
            raise _NotToldError
        self._importing.update(_DEFINED.findall(text))
        return start, end

    def _are_told(self, conditions: Iterable[bytes], start: int, end: int) -> bool:
        """Whether nothing that conditions name is bound by what is left out: by the module, outside of a span."""
        more = [condition for condition in conditions if not _TOLD_BY_ITSELF.fullmatch(condition)]
        if any(condition.count(b"(") != condition.count(b")") for condition in more):
            return False  # it goes on in the next line
        names = set(_NAMES.findall(_STRING.sub(b"", b" ".join(more)))) - _WORDS
        if not names or len(names) > _MOST_NAMES:
            return not names
        either = b"|".join(sorted(names))
        binding = re.compile(_BINDING % (either, either, either))
        return all(start <= found.start() < end for found in binding.finditer(self.source))

    def refuse_called(self) -> None:
        """Refuse to tell where importing the module may call a function that imports, itself or through others."""
        waiting = list(self._importing)
        while waiting:
            name = waiting.pop()
            for position in self._calls(name):
                caller = self._caller(position)
                if caller not in self._importing:
                    self._importing.add(caller)
                    waiting.append(caller)
            if len(self._importing) > _MOST:
                raise _NotToldError

    def _calls(self, name: bytes) -> Iterator[int]:
        """Where a name is called, or decorates something."""
        for text in (name + b"(", b"@" + name):
            position = self.source.find(text)
            while position >= 0:
                before = self.source[max(0, position - 6) : position]
                if not _NOT_CALLED.search(before):
                    yield position
                position = self.source.find(text, position + 1)

    def _caller(self, position: int) -> bytes:
        """The function of the module (or the class) whose body a position is in."""
        number = self._top(position)
        kind = self._kind(number)
        if kind not in _FUNCTIONS and kind != b"class":
            raise _NotToldError
        return self._name(number)
