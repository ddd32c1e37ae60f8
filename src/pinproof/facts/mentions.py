"""Which top-level modules a source mentions in imports: a quick look that decides whether to parse it at all."""

from __future__ import annotations

import re

import msgspec

_GAP = rb"(?:[ \t\f]|\\\r?\n)"
_IMPORT = re.compile(
    rb"\b(?:from(?:" + _GAP + rb"+|(?=\.))([\w.\x80-\xff]+)(?:" + _GAP + rb"+import\b)?"
    rb"|import" + _GAP + rb"+((?:[^\n\r#;\\]|\\\r?\n)+))"
)
_NAME = re.compile(rb"(?:^|,)" + _GAP + rb"*([A-Za-z_\x80-\xff][\w\x80-\xff]*)")


_FIRM = re.compile(rb"^(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)


class Mentions(msgspec.Struct, frozen=True, array_like=True):
    """The roots that a text seems to import; `firm` are those that stand unindented, so that nothing guards them."""

    roots: frozenset[str]
    firm: frozenset[str]


class Interest(msgspec.Struct, frozen=True, array_like=True):
    """Which modules matter that nothing imports: those that take from `foreign` roots, and can be imported at all.

    `provided` are the roots that are there. A module that firmly imports another one needs something that is not
    installed, an extra perhaps, and nobody can use it.
    """

    foreign: frozenset[str]
    provided: frozenset[str]

    def covers(self, mentions: Mentions) -> bool:
        """Whether a module with these mentions matters."""
        return mentions.firm <= self.provided and not self.foreign.isdisjoint(mentions.roots)


def read_mentions(source: bytes) -> Mentions:
    """What a text seems to import."""
    firm = frozenset(name.decode("ascii") for name in _FIRM.findall(source))
    return Mentions(mentioned_roots(source), firm)


def mentioned_roots(source: bytes) -> frozenset[str]:
    """The roots of the absolute imports that the text seems to have; more rather than less."""
    found = set()
    for module, modules in _IMPORT.findall(source):
        if module:
            found.add(module.partition(b".")[0])
        else:
            found.update(_NAME.findall(modules))
    return frozenset(name.decode("utf-8", "replace") for name in found if name)
