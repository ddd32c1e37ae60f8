"""Which top-level modules a source mentions in imports: a quick look that decides whether to parse it at all."""

from __future__ import annotations

import re

_GAP = rb"(?:[ \t\f]|\\\r?\n)"
_IMPORT = re.compile(
    rb"\b(?:from(?:" + _GAP + rb"+|(?=\.))([\w.\x80-\xff]+)(?:" + _GAP + rb"+import\b)?"
    rb"|import" + _GAP + rb"+((?:[^\n\r#;\\]|\\\r?\n)+))"
)
_NAME = re.compile(rb"(?:^|,)" + _GAP + rb"*([A-Za-z_\x80-\xff][\w\x80-\xff]*)")


def mentioned_roots(source: bytes) -> frozenset[str]:
    """The roots of the absolute imports that the text seems to have; more rather than less."""
    found = set()
    for module, modules in _IMPORT.findall(source):
        if module:
            found.add(module.partition(b".")[0])
        else:
            found.update(_NAME.findall(modules))
    return frozenset(name.decode("utf-8", "replace") for name in found if name)
