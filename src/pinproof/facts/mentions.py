"""Which top-level modules a source mentions in imports: a quick look that decides whether to parse it at all."""

from __future__ import annotations

import re

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)|import[ \t]+([A-Za-z_][^\n#;]*))", re.MULTILINE)
_NAME = re.compile(rb"(?:^|,)[ \t]*([A-Za-z_]\w*)")


def mentioned_roots(source: bytes) -> frozenset[str]:
    """The roots of the absolute imports that the text seems to have; more rather than less."""
    found = set()
    for module, modules in _IMPORT.findall(source):
        if module:
            found.add(module)
        else:
            found.update(_NAME.findall(modules))
    return frozenset(name.decode("ascii") for name in found)
