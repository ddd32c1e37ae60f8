"""pinproof's bounds in a list of the user's `pyproject.toml`: put in and taken out by splicing the text.

Each stands below its reasons, by which it is recognised; whatever the user wrote stays as it is:

    [tool.uv]
    constraint-dependencies = [
        "click<8.2",
        # pinproof: flask-login 0.6.2 imports werkzeug.urls.url_decode (flask_login/utils.py:14), removed in …
        "werkzeug<3",
    ]
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement

from pinproof.errors import InputError
from pinproof.facts.locks.header import KeptBound
from pinproof.model.verdict import Repair

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Spot:
    """A list of requirements that a tool bounds its resolution by: the key of a table.

    `besides` is a whole table that the tool needs with it.
    """

    table: str
    key: str
    besides: str = ""


_OVERRIDES = Spot("tool.uv", "override-dependencies")
_OURS = re.compile(
    r'(?m)(?P<reasons>(?:^[ \t]*# pinproof: .*\n)+)^[ \t]*"(?P<requirement>[^"\n]+)",?[ \t]*\n'
)
_REASON = re.compile(r"# pinproof: (.*)")
_MARK = "  # by pinproof"
_NEXT_TABLE = re.compile(r"(?m)^[ \t]*\[")
_TOKEN = re.compile(r"""#[^\n]*|\"(?:\\.|[^"\\\n])*\"|'[^'\n]*'|\]""")


def bounds_in(text: str) -> tuple[KeptBound, ...]:
    """The bounds that pinproof put there."""
    found = []
    for block in _OURS.finditer(text):
        try:
            requirement = Requirement(block["requirement"])
        except InvalidRequirement:
            continue
        repair = Repair.EXCLUDE if str(requirement.specifier).startswith("!=") else Repair.CAP
        found.append(KeptBound(requirement, repair, tuple(_REASON.findall(block["reasons"]))))
    return tuple(found)


def without_bounds(text: str, spot: Spot) -> str:
    """The text as it was before pinproof put anything in."""
    stripped = _OURS.sub("", text)
    if stripped == text:
        return text
    key, table = re.escape(spot.key), re.escape(spot.table)
    one_line = rf"(?m)^(?P<array>[ \t]*{key}[ \t]*=[ \t]*\[[^\n#]*\S),\n\]"
    stripped = re.sub(one_line, r"\g<array>]", stripped)
    stripped = re.sub(rf"(?m)^{key} = \[{_MARK}\n\]\n", "", stripped)
    stripped = re.sub(rf"(?m)\n?^\[{table}\]{_MARK}\n(?=\s*(?:\[|\Z))", "", stripped)
    return stripped.replace(_besides(spot), "", 1) if spot.besides else stripped


def with_bounds(text: str, bounds: Sequence[KeptBound], spot: Spot, filename: str = "pyproject.toml") -> str:
    """The text with these bounds instead of those that were there.

    InputError where the table is written in a way that cannot be spliced into: nothing else may change.
    """
    plain = without_bounds(text, spot)
    if not bounds:
        return plain
    spliced = _with_entries(plain, bounds, spot, filename, "pinproof")
    # What the user says of it already stays.
    return spliced + _besides(spot) if spot.besides and not _says(spliced, spot.besides) else spliced


def with_overrides(text: str, overrides: Sequence[KeptBound], filename: str = "pyproject.toml") -> str:
    """The text with these among the overrides of uv, each below its reasons. They are the user's from then on.

    InputError as for `with_bounds`.
    """
    return _with_entries(text, overrides, _OVERRIDES, filename, "pinproof audit")


def _with_entries(text: str, entries: Sequence[KeptBound], spot: Spot, filename: str, who: str) -> str:
    """The text with these at the end of a list; nothing else may change."""
    lines = "".join(
        "".join(f"    # {who}: {reason}\n" for reason in entry.reasons) + f'    "{entry.requirement}",\n'
        for entry in entries
    )
    spliced = _spliced(text, lines, spot)
    wanted = [str(entry.requirement) for entry in entries]
    before, rest_before = _apart(text, spot)
    after, rest_after = _apart(spliced, spot)
    if after != [*before, *wanted] or rest_after != rest_before:
        raise InputError(
            f"{filename}: {spot.key} of [{spot.table}] cannot be edited as it is written",
            hint=f"Write it as a list under [{spot.table}], or add these yourself: {', '.join(wanted)}",
        )
    return spliced


def _spliced(text: str, lines: str, spot: Spot) -> str:
    table = re.search(rf"(?m)^\[{re.escape(spot.table)}\][ \t]*(?:#.*)?\n", text)
    if table is None:
        return f"{text}\n[{spot.table}]{_MARK}\n{_array(spot, lines)}"
    after = _NEXT_TABLE.search(text, table.end())
    end_of_table = after.start() if after else len(text)
    key = re.compile(rf"(?m)^[ \t]*{re.escape(spot.key)}[ \t]*=[ \t]*\[")
    if found := key.search(text, table.end(), end_of_table):
        return _into_array(text, found.end(), lines)
    return f"{text[: table.end()]}{_array(spot, lines)}{text[table.end() :]}"


def _array(spot: Spot, lines: str) -> str:
    return f"{spot.key} = [{_MARK}\n{lines}]\n"


def _into_array(text: str, start: int, lines: str) -> str:
    end = next((t.start() for t in _TOKEN.finditer(text, start) if t[0] == "]"), len(text))
    inside = text[start:end]
    if not inside.strip():
        return f"{text[:start]}\n{lines}{text[end:]}"
    last = inside.rstrip()
    comma = "" if re.sub(r"(?m)#.*$", "", last).rstrip().endswith(",") else ","
    after_comment = "#" in last.rpartition("\n")[2] and comma
    head = f"{text[:start]}{last}" + (f"\n    {comma}" if after_comment else comma)
    return f"{head}\n{lines}{text[end:]}"


def _besides(spot: Spot) -> str:
    head, _, rest = spot.besides.partition("\n")
    return f"\n{head}{_MARK}\n{rest}"


def _says(text: str, besides: str) -> bool:
    """Whether the text has this table."""
    head = besides.partition("\n")[0].strip("[]")
    found: Any = _parsed(text)
    for name in head.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found is not None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _apart(text: str, spot: Spot) -> tuple[list[str], dict[str, Any]]:
    """The list, and all the rest; tables that hold nothing else are the same as none."""
    names = spot.table.split(".")
    document = _parsed(text)
    tables = [document]
    for name in names:
        tables.append(tables[-1].get(name, {}))
    listed = tables[-1].pop(spot.key, [])
    for above, name in reversed(list(zip(tables, names, strict=False))):
        if not above.get(name):
            above.pop(name, None)
    return listed, document
