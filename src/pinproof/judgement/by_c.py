"""What compiled modules import by C: the tables of functions that other compiled modules give to C.

`import_array()` of NumPy's headers is an import like any other, `from numpy.core._multiarray_umath import _ARRAY_API`,
and both names stand as texts in the file that was made with them (see `facts.compiled`). Headers that know of several
places try one after the other. A module that finds the table in none of them cannot be imported.

A file is large, so it is only looked into where that can matter: a module that is certain to be imported is compiled,
and so is something that its distribution requires and was made with in another major version. All files of a wheel
are made with the same headers, so the first one that tells stands for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pinproof.judgement.answers import Absent, Unknown
from pinproof.model.module import Use
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.environment import Environment
    from pinproof.judgement.relevance import Relevance

_LONGEST_ROOT = 100
_LOOKED_INTO = 8
"""Files of one distribution: not each of them asks for a table."""


class Wanted(NamedTuple):
    """A compiled module that imports what is not there."""

    dependent: Installed
    module: str
    use: Use
    found: Absent


def imported_by_c(
    environment: Environment, reached: Mapping[str, frozenset[str]], relevance: Relevance
) -> Iterator[Wanted]:
    """The compiled modules whose import is certain to fail, the first one of each distribution."""
    compiled = [d for d in environment.distributions if d.layout.extensions]
    for dependent, modules in _compiled(environment, reached).items():
        givers = {d for d in compiled if relevance.differs_in_major(dependent, d)}
        for module in modules[:_LOOKED_INTO] if givers else ():
            asked = _asked(environment, dependent, module)
            wanted = [want for name, places in asked.items() for want in _refused(environment, name, places)]
            for use, found in wanted:
                if found.owner in givers:
                    yield Wanted(dependent, module, use, found)
            if asked:
                break


def _compiled(environment: Environment, reached: Mapping[str, frozenset[str]]) -> dict[Installed, list[str]]:
    """For each distribution the compiled modules that are imported, and whose failure would stop the program."""
    found: dict[Installed, list[str]] = {}
    for module, surfacing in reached.items():
        owner = environment.owner(module) if "ImportError" in surfacing else None
        if owner is not None and owner.layout.extensions.get(module) and module not in owner.layout.modules:
            found.setdefault(owner, []).append(module)
    return found


def _asked(environment: Environment, dependent: Installed, module: str) -> dict[str, list[str]]:
    """The tables that a compiled module of a distribution may ask for, with the modules of others it may ask."""
    tables = environment.tables(module)
    meant = dict.fromkeys(place for name in tables.modules for place in _may_be_meant(name))
    places = [place for place in meant if environment.owner(place) not in (None, dependent)]
    return dict.fromkeys(tables.names, places) if places else {}


def _may_be_meant(name: str) -> Iterator[str]:
    """A dotted name, and what is left of it without the beginning of its first part (see `facts.compiled`)."""
    for start in range(min(name.index("."), _LONGEST_ROOT)):
        yield name[start:]


def _refused(environment: Environment, name: str, places: list[str]) -> Iterator[tuple[Use, Absent]]:
    """Where a table is seen not to be, if none of these places may have it."""
    answers = {place: environment.whole.resolve(f"{place}:{name}", "") for place in places}
    if any(_may_be(environment, place, name, found) for place, found in answers.items()):
        return
    for place, found in answers.items():
        if isinstance(found, Absent) and found.owner is not None:
            yield Use(f"{place}:{name}", How.IMPORT, 1), found


def _may_be(environment: Environment, place: str, name: str, found: object) -> bool:
    """Whether a place may have a table: a compiled one in whose file that is a name."""
    if isinstance(found, Unknown) and environment.facts(place) is None:
        return any(known.endswith(name) for known in environment.tables(place).names)
    return not isinstance(found, Absent)
