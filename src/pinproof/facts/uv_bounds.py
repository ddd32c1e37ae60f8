"""pinproof's bounds among the `constraint-dependencies` of `[tool.uv]`: put in and taken out by splicing the text.

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
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement

from pinproof.errors import InputError
from pinproof.facts.locks.header import KeptBound
from pinproof.model.verdict import Repair

if TYPE_CHECKING:
    from collections.abc import Sequence

_OURS = re.compile(
    r'(?m)(?P<reasons>(?:^[ \t]*# pinproof: .*\n)+)^[ \t]*"(?P<requirement>[^"\n]+)",?[ \t]*\n'
)
_REASON = re.compile(r"# pinproof: (.*)")
_MARK = "  # by pinproof"
_EMPTY_KEY = re.compile(rf"(?m)^constraint-dependencies = \[{_MARK}\n\]\n")
_EMPTY_TABLE = re.compile(rf"\n?^\[tool\.uv\]{_MARK}\n(?=\s*(?:\[|\Z))", re.MULTILINE)
_ONE_LINE = re.compile(r"(?m)^(?P<array>[ \t]*constraint-dependencies[ \t]*=[ \t]*\[[^\n#]*\S),\n\]")
_KEY = re.compile(r"(?m)^[ \t]*constraint-dependencies[ \t]*=[ \t]*\[")
_TABLE = re.compile(r"(?m)^\[tool\.uv\][ \t]*(?:#.*)?\n")
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


def without_bounds(text: str) -> str:
    """The text as it was before pinproof put anything in."""
    stripped = _OURS.sub("", text)
    if stripped == text:
        return text
    stripped = _ONE_LINE.sub(r"\g<array>]", stripped)
    return _EMPTY_TABLE.sub("", _EMPTY_KEY.sub("", stripped))


def with_bounds(text: str, bounds: Sequence[KeptBound], filename: str = "pyproject.toml") -> str:
    """The text with these bounds instead of those that were there.

    InputError where the table is written in a way that cannot be spliced into: nothing else may change.
    """
    plain = without_bounds(text)
    if not bounds:
        return plain
    lines = "".join(
        "".join(f"    # pinproof: {reason}\n" for reason in bound.reasons) + f'    "{bound.requirement}",\n'
        for bound in bounds
    )
    spliced = _spliced(plain, lines)
    wanted = [str(bound.requirement) for bound in bounds]
    if _constraints(spliced) != [*(_constraints(plain) or ()), *wanted] or _rest(spliced) != _rest(plain):
        raise InputError(
            f"{filename}: constraint-dependencies of [tool.uv] cannot be edited as they are written",
            hint=f"Write them as a list under [tool.uv], or add these yourself: {', '.join(wanted)}",
        )
    return spliced


def _spliced(text: str, lines: str) -> str:
    if key := _KEY.search(text):
        end = _end_of_array(text, key.end())
        inside = text[key.end() : end]
        if not inside.strip():
            return f"{text[: key.end()]}\n{lines}{text[end:]}"
        last = inside.rstrip()
        comma = "" if re.sub(r"(?m)#.*$", "", last).rstrip().endswith(",") else ","
        after_comment = "#" in last.rpartition("\n")[2] and comma
        head = f"{text[: key.end()]}{last}" + (f"\n    {comma}" if after_comment else comma)
        return f"{head}\n{lines}{text[end:]}"
    array = f"constraint-dependencies = [{_MARK}\n{lines}]\n"
    if table := _TABLE.search(text):
        return f"{text[: table.end()]}{array}{text[table.end() :]}"
    return f"{text}\n[tool.uv]{_MARK}\n{array}"


def _end_of_array(text: str, start: int) -> int:
    """Where the `]` is that ends an array of strings."""
    return next((t.start() for t in _TOKEN.finditer(text, start) if t[0] == "]"), len(text))


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _constraints(text: str) -> list[str] | None:
    found: list[str] | None = _parsed(text).get("tool", {}).get("uv", {}).get("constraint-dependencies")
    return found


def _rest(text: str) -> dict[str, Any]:
    """All but the constraints; tables that hold nothing else are the same as none."""
    document = _parsed(text)
    tool = document.get("tool", {})
    uv = {name: value for name, value in tool.get("uv", {}).items() if name != "constraint-dependencies"}
    others = {name: value for name, value in tool.items() if name != "uv"}
    return {**document, "tool": {**others, "uv": uv}}
