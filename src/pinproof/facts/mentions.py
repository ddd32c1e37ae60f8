"""Which top-level modules a source mentions in imports: a quick look that decides whether to parse it at all."""

from __future__ import annotations

import re
from itertools import islice

from pinproof.model.module import Mentions

# A plain word is found many times faster than anything that may begin in more than one way, so the text is
# searched for that, and what stands around it is looked at where there is one.
_IMPORT = re.compile(rb"import\b")
_GAP = rb"(?:[ \t\f]|\\\r?\n)"
_GAPS = b" \t\f\r\n\\"
FROM = re.compile(rb"from(?:" + _GAP + rb"+|(?=\.))([\w.\x80-\xff]+)$")
_PLAIN_FROM = re.compile(rb"[ \t]*from[ \t]+([\w\x80-\xff]*+)[\w.\x80-\xff]*+[ \t]+\Z")
_MODULES = re.compile(_GAP + rb"+((?:[^\n\r#;\\]|\\\r?\n)+)")
_NAME = re.compile(rb"(?:^|,)" + _GAP + rb"*([A-Za-z_\x80-\xff][\w\x80-\xff]*)")
UNINDENTED = re.compile(rb"\n(?=[^\s#)\]}])")
"""Before a line in which a statement of the module begins (or a string goes on)."""
_TYPE_CHECKING = re.compile(rb"TYPE_CHECKING[ \t]*:")
_BY_CALL = re.compile(rb"\b__import__\([ \t]*[\"']([A-Za-z_]\w*)")
_IF_TYPE_CHECKING = re.compile(rb"if[ \t]+(?:\w+\.)?TYPE_CHECKING[ \t]*:[^\n]*\n")
_MAY_GO_ON = (b"\\", b"\r", b"\n")
_MOST_BLOCKS = 20
_LONGEST_LINE = 4096


def read_mentions(source: bytes) -> Mentions:
    """What a text seems to import: the roots of absolute imports; more rather than less."""
    run: set[bytes] = set()
    firm: set[bytes] = set()
    typing: set[bytes] = set()
    unrun = _for_type_checkers(source) if b"TYPE_CHECKING" in source else []
    for found in _IMPORT.finditer(source):
        start, end = found.span()
        before = source[line_start(source, start) : start]
        if plain := _PLAIN_FROM.match(before):  # as nearly all are written
            names = [plain[1]]
            is_firm = before.startswith(b"f")
        elif origin := FROM.match(statement := statement_before(before)):
            names = [origin[1].partition(b".")[0]]
            is_firm = before.startswith(b"from")
        elif not statement and (modules := _MODULES.match(source, end)):
            names = _NAME.findall(modules[1])
            is_firm = not before
        else:
            continue
        if is_firm and names:
            firm.add(names[0])
        is_run = is_firm or not unrun or not any(first <= start < last for first, last in unrun)
        (run if is_run else typing).update(names)
    if b"__import__" in source:
        run.update(_BY_CALL.findall(source))
    return Mentions(_texts(run | typing), _texts(firm), _texts(typing - run))


def _for_type_checkers(source: bytes) -> list[tuple[int, int]]:
    """What stands in an `if TYPE_CHECKING` of the module, up to the next line that is not indented."""
    spans = []
    for word in islice(_TYPE_CHECKING.finditer(source), _MOST_BLOCKS):
        head = _IF_TYPE_CHECKING.match(source, source.rfind(b"\n", 0, word.start()) + 1)
        if head is not None:
            after = UNINDENTED.search(source, head.end() - 1)
            spans.append((head.end(), after.start() if after else len(source)))
    return spans


def statement_before(before: bytes) -> bytes:
    """What stands before a word in its statement: `>>>` where it is an example in a docstring."""
    start = max(before.rfind(b":"), before.rfind(b";")) + 1
    return before[start:].removeprefix(b"\xef\xbb\xbf").strip(_GAPS)


def line_start(source: bytes, position: int) -> int:
    """Where the line begins; a line that ends in a backslash goes on in the next, and a very long one is cut."""
    floor = max(0, position - _LONGEST_LINE)
    while True:
        start = source.rfind(b"\n", floor, position) + 1 or floor
        start = source.rfind(b"\r", start, position) + 1 or start
        if source[start - 2 : start - 1] not in _MAY_GO_ON:
            return start
        if not source[max(floor, start - 3) : start].rstrip(b"\r\n").endswith(b"\\"):
            return start
        position = start - 1


def _texts(names: set[bytes]) -> frozenset[str]:
    return frozenset(name.decode("utf-8", "replace") for name in names if name)
