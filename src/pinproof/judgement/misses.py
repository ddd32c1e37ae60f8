"""What a set does not give: the names that its modules take from other distributions and that are not there.

A miss is not yet a break: it becomes one if the baseline had the name (see `judgement.compat`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON, Absent, Present, Truth, Unknown
from pinproof.judgement.calls import call_result
from pinproof.judgement.circumstances import exception_of
from pinproof.judgement.importing import EXCEPTIONS
from pinproof.model.verdict import How, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pinproof.judgement.answers import Installed, Resolved
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Use

_ORDER = {Severity.FATAL: 0, Severity.LATENT: 1, Severity.DEPRECATED: 2}


@dataclass(frozen=True, slots=True)
class Miss:
    """A use that the set does not satisfy (or, deprecated, will not for long).

    `owner` is the distribution that should have the name, None when nothing in the set has the module.
    `reached`: the module is imported when the program starts, though this use may come later.
    """

    severity: Severity
    dependent: Installed
    module: str
    path: str
    use: Use
    symbol: str
    owner: Installed | None
    message: str = ""
    reached: bool = False


def find_misses(
    environment: Environment,
    modules: Sequence[str],
    reached: Mapping[str, frozenset[str]],
    differs: Callable[[Installed, Installed], bool],
) -> list[Miss]:
    """The misses of these modules, the worst and first site for each symbol and dependent.

    Of the user's own source, which the user is to mend, it is that of each file.
    `differs` tells whether a dependency is another release than the dependent was made with.
    """
    best: dict[tuple[str, str, bool, str], Miss] = {}
    patched = _patched(environment, modules)
    looked_at = frozenset(modules)
    for module in modules:
        for miss in _of_module(environment, module, reached.get(module), looked_at, differs):
            if miss.symbol in patched:
                continue
            file = miss.path if miss.dependent.own else ""
            key = (miss.dependent.name, miss.symbol, miss.severity is Severity.DEPRECATED, file)
            if key not in best or _rank(miss) < _rank(best[key]):
                best[key] = miss
    return sorted(best.values(), key=lambda m: (_rank(m), m.dependent.name, m.symbol))


def _patched(environment: Environment, modules: Sequence[str]) -> frozenset[str]:
    """The names that one of the modules puts in place itself: `werkzeug.cached_property = …`."""
    found = set()
    for module in modules:
        facts = environment.facts(module)
        for target in facts.patches if facts else ():
            name, _, chain = target.partition(":")
            found.add(f"{environment.absolute(name, module)}.{chain}")
    return frozenset(found)


def _rank(miss: Miss) -> tuple[int, str, int]:
    return _ORDER[miss.severity], miss.path, miss.use.line


def _of_module(
    environment: Environment,
    module: str,
    surfacing: frozenset[str] | None,
    looked_at: frozenset[str],
    differs: Callable[[Installed, Installed], bool],
) -> Iterator[Miss]:
    dependent = environment.owner(module)
    facts = environment.facts(module)
    if dependent is None or facts is None:
        return
    path = dependent.layout.modules[module]
    for use in facts.uses:
        if _stays_inside(use, module, dependent, environment, looked_at):
            continue
        known, found = environment, outcome(environment, use, module)
        if isinstance(found, Unknown) and found.compiled and differs(dependent, found.compiled):
            known, found = environment.thorough, outcome(environment.thorough, use, module)
        if isinstance(found, Absent):
            severity = _severity(known, module, use, found, surfacing or frozenset())
            for lacking in (found, found.inherited):
                if severity is not None and lacking is not None and lacking.owner is not dependent:
                    yield Miss(
                        severity,
                        dependent,
                        module,
                        path,
                        use,
                        lacking.symbol,
                        lacking.owner,
                        reached=surfacing is not None,
                    )
        elif isinstance(found, Present) and _is_warning(environment, module, use, found, dependent):
            symbol = dotted(use, module, environment, found)
            yield Miss(
                Severity.DEPRECATED, dependent, module, path, use, symbol, found.owner, found.deprecated
            )


def _is_warning(
    environment: Environment, module: str, use: Use, found: Present, dependent: Installed
) -> bool:
    """Whether what is used says that it goes away; the standard library does so for Pythons yet to come."""
    if not found.deprecated or found.owner is None or found.owner.name in (dependent.name, PYTHON):
        return False
    return environment.circumstances.of(module, use.guard).runs in (Truth.YES, Truth.MAYBE)


def dotted(use: Use, module: str, environment: Environment, found: Present) -> str:
    """The target of a use as one would write it: `itsdangerous.json`; where it is local, where that leads."""
    name, _, chain = use.target.partition(":")
    if not name:
        return f"{found.module}.{found.name}".rstrip(".")
    return f"{environment.absolute(name, module)}.{chain}".rstrip(".")


def _stays_inside(
    use: Use, module: str, dependent: Installed, environment: Environment, looked_at: frozenset[str]
) -> bool:
    """Whether the use is of the distribution's own modules, which came with it and are what it expects.

    Not so a member of what one of them may have from elsewhere; that is one of those that are looked at themselves.
    """
    name, _, chain = use.target.partition(":")
    if not name:
        return False
    origin = environment.absolute(name, module)
    if environment.owner(origin) is not dependent:
        return False
    leads_on = use.how is How.CALL or (use.how is not How.IMPORT and "." in chain)
    return not leads_on or origin not in looked_at


def _severity(
    environment: Environment, module: str, use: Use, found: Absent, surfacing: frozenset[str]
) -> Severity | None:
    exception = exception_of(use, found)
    circumstance = environment.circumstances.of(module, use.guard)
    if circumstance.runs in (Truth.NO, Truth.WARY) or circumstance.catches(exception):
        return None
    fatal = (
        not use.deferred
        and circumstance.runs is Truth.YES
        and (exception if exception in EXCEPTIONS else "Exception") in surfacing
    )
    return Severity.FATAL if fatal else Severity.LATENT


def resolved_in(environment: Environment, miss: Miss) -> Resolved:
    """What the use of a miss comes to in another environment."""
    found = outcome(environment, miss.use, miss.module)
    if isinstance(found, Unknown) and found.compiled:
        return outcome(environment.thorough, miss.use, miss.module)
    return found


def outcome(environment: Environment, use: Use, module: str) -> Resolved:
    """What a use comes to: the name is there and, where it is called, takes the call."""
    found = environment.resolve(use.target, module)
    if use.call is not None and isinstance(found, Present):
        return call_result(environment, found, use.call)
    return found
