"""What compiled modules import by C: the tables of functions that NumPy gives to those that are made with its headers.

`import_array()` of these headers is an import like any other, `from numpy.core._multiarray_umath import _ARRAY_API`,
and what it asks for stands as a text in the file that was made with them. Where they know of several places they try
one after the other. A module that finds the table in none of them cannot be imported.

A file is large, so it is only looked into where that can matter: the set at hand refuses the table, a module that is
certain to be imported may want it, and the dependent was made with another major version. All files of a wheel
are made with the same headers, so the first one that tells stands for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pinproof.judgement.answers import Absent
from pinproof.model.module import Use
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.environment import Environment
    from pinproof.judgement.relevance import Relevance


class CTable(NamedTuple):
    """A table of C functions: the attribute of a module, and all modules in which headers look for it."""

    modules: tuple[str, ...]
    name: str


class Wanted(NamedTuple):
    """A compiled module that imports what is not there."""

    dependent: Installed
    module: str
    use: Use
    found: Absent


_TABLES = (CTable(("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"), "_ARRAY_API"),)
_LOOKED_INTO = 8
"""Files of one distribution: not each of them is made with those headers."""


def imported_by_c(
    environment: Environment, reached: Mapping[str, frozenset[str]], relevance: Relevance
) -> Iterator[Wanted]:
    """The compiled modules whose import is certain to fail, the first one of each distribution."""
    for table in _TABLES:
        lacking = _lacking(environment, table)
        if lacking:
            for dependent, modules in _compiled(environment, reached).items():
                if any(f.owner and relevance.differs_in_major(dependent, f.owner) for f in lacking.values()):
                    yield from _first(environment, dependent, modules[:_LOOKED_INTO], table, lacking)


def _lacking(environment: Environment, table: CTable) -> dict[str, Absent]:
    """The places where the table is seen not to be, though what should have it is there."""
    answers = {module: environment.resolve(f"{module}:{table.name}", "") for module in table.modules}
    return {m: found for m, found in answers.items() if isinstance(found, Absent) and found.owner}


def _compiled(environment: Environment, reached: Mapping[str, frozenset[str]]) -> dict[Installed, list[str]]:
    """For each distribution the compiled modules that are imported, and whose failure would stop the program."""
    found: dict[Installed, list[str]] = {}
    for module, surfacing in reached.items():
        owner = environment.owner(module) if "ImportError" in surfacing else None
        if owner is not None and owner.layout.extensions.get(module) and module not in owner.layout.modules:
            found.setdefault(owner, []).append(module)
    return found


def _first(
    environment: Environment,
    dependent: Installed,
    modules: list[str],
    table: CTable,
    lacking: Mapping[str, Absent],
) -> Iterator[Wanted]:
    for module in modules:
        asked = [place for place in table.modules if environment.holds(module, place)]
        if asked and environment.holds(module, table.name):
            if all(place in lacking for place in asked):
                yield Wanted(
                    dependent, module, Use(f"{asked[0]}:{table.name}", How.IMPORT, 1), lacking[asked[0]]
                )
            return
