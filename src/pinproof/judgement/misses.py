"""What a set does not give: the names that its modules take from other distributions and that are not there.

A miss is not yet a break: it becomes one if the baseline had the name (see `judgement.compat`).
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON, Absent, Miss, Present, Truth, Unknown, hedged
from pinproof.judgement.by_c import imported_by_c
from pinproof.judgement.calls import call_result
from pinproof.judgement.circumstances import exception_of
from pinproof.judgement.entry_points import PATH, foreign_entry_points
from pinproof.judgement.importing import EXCEPTIONS
from pinproof.judgement.overrides import override_result, overriding
from pinproof.judgement.submodules import Submodules, imported_by_reached, left_out
from pinproof.model.module import Kind
from pinproof.model.verdict import How, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from pinproof.judgement.answers import Installed, Resolved
    from pinproof.judgement.circumstances import Circumstance
    from pinproof.judgement.environment import Environment
    from pinproof.judgement.relevance import Relevance
    from pinproof.model.module import ModuleFacts, Use

_ORDER = {Severity.FATAL: 0, Severity.LATENT: 1, Severity.DEPRECATED: 2}


def find_misses(
    environment: Environment,
    modules: Sequence[str],
    skimmed: Sequence[str],
    reached: Mapping[str, frozenset[str]],
    relevance: Relevance,
    *,
    with_submodules: bool = True,
    told: Callable[[list[Miss]], object] = lambda _: None,
) -> list[Miss]:
    """The misses of these modules, the worst and first site for each way to a symbol and each dependent.

    The `skimmed` are imported, too, but their dependencies moved hardly or not at all since they were made: only
    what they import is looked at. Of the user's own source, which the user is to mend, it is the site of each file.
    Without the rest of a set it cannot be told which submodules something imports: then `with_submodules` is False.
    Those of each module are `told` when they are found, so that what they are compared with can be got meanwhile.
    """
    best: dict[tuple[object, ...], Miss] = {}
    patched = _patched(environment, modules, environment.facts)
    patched |= _patched(environment, skimmed, environment.import_facts)
    looked_at = frozenset(modules)
    submodules = _by_dependent(environment, modules, reached) if with_submodules else None
    # What takes longest to compare, modules that nothing provides, is found where only imports are looked at.
    found = [_of_imports(environment, m, reached[m], relevance) for m in skimmed]
    found += [_of_module(environment, m, reached.get(m), looked_at, relevance, submodules) for m in modules]
    found.append(_of_entry_points(environment, relevance))
    found.append(_of_compiled(environment, reached, relevance))
    for of_one in found:
        misses = [miss for miss in of_one if miss.symbol not in patched]
        told(misses)
        for miss in misses:
            key = (*told_as(miss), _way_to(miss.use))
            if key not in best or _rank(miss) < _rank(best[key]):
                best[key] = miss
    return sorted(best.values(), key=lambda m: (_rank(m), m.dependent.name, m.symbol))


def told_as(miss: Miss) -> tuple[str, str, bool, str]:
    """What is told once of all misses that have this in common; in the user's own source, for each file."""
    file = miss.path if miss.dependent.own else ""
    return miss.dependent.name, miss.symbol, miss.severity is Severity.DEPRECATED, file


def _way_to(use: Use) -> str:
    """How one comes by the object whose member is missing: the baseline may say it of one way, and not of another."""
    return use.target.rpartition(".")[0] if "()" in use.target else ""


def _by_dependent(
    environment: Environment, modules: Sequence[str], reached: Iterable[str]
) -> Callable[[Installed], Submodules]:
    """For each dependent: what its own modules, and those that are reached, import."""

    @cache
    def by_reached() -> frozenset[str]:
        return imported_by_reached(environment, reached)

    own: dict[Installed | None, list[str]] = {}
    for module in modules:
        own.setdefault(environment.owner(module), []).append(module)

    @cache
    def submodules(dependent: Installed) -> Submodules:
        return Submodules(environment, by_reached, own.get(dependent, []))

    return submodules


def _patched(
    environment: Environment, modules: Sequence[str], facts_of: Callable[[str], ModuleFacts | None]
) -> set[str]:
    """The names that one of the modules puts in place itself: `werkzeug.cached_property = …`."""
    found = set()
    for module in modules:
        facts = facts_of(module)
        for target in facts.patches if facts else ():
            name, _, chain = target.partition(":")
            found.add(f"{environment.absolute(name, module)}.{chain}")
    return found


def _of_imports(
    environment: Environment, module: str, surfacing: frozenset[str], relevance: Relevance
) -> Iterator[Miss]:
    """What the imports that importing a module runs do not find."""
    dependent, facts = environment.owner(module), environment.import_facts(module)
    if dependent is None or facts is None:
        return
    own = environment.roots_of(dependent)
    for use in facts.uses:
        root = environment.absolute(use.target.partition(":")[0], module).partition(".")[0]
        if use.how is not How.IMPORT or use.deferred or root in own:
            continue
        if not relevance.may_lack(dependent, root, at_import=True):
            continue
        found = environment.resolve(use.target, module)
        if isinstance(found, Absent) and found.owner is not None:
            found = environment.whole.resolve(use.target, module)
        if isinstance(found, Absent):
            circumstance = environment.import_circumstances.of(module, use.guard)
            severity = _severity(circumstance, use, found, surfacing)
            path = dependent.layout.modules[module]
            if severity is not None:
                yield Miss(severity, dependent, module, path, use, found.symbol, found.owner, reached=True)


def _rank(miss: Miss) -> tuple[int, str, int]:
    return _ORDER[miss.severity], miss.path, miss.use.line


def _of_module(
    environment: Environment,
    module: str,
    surfacing: frozenset[str] | None,
    looked_at: Container[str],
    relevance: Relevance,
    submodules: Callable[[Installed], Submodules] | None,
) -> Iterator[Miss]:
    dependent = environment.owner(module)
    facts = environment.facts(module)
    if dependent is None or facts is None:
        return
    path = dependent.layout.modules[module]
    for use in _asked(environment, module, dependent, facts, looked_at, relevance):
        known, found = environment, outcome(environment, use, module)
        if isinstance(found, Unknown) and found.compiled and relevance.differs(dependent, found.compiled):
            known, found = environment.thorough, outcome(environment.thorough, use, module)
        elif isinstance(found, Absent) and found.owner is not None:
            known, found = environment.whole, outcome(environment.whole, use, module)
        tentative = _tentatively(found, dependent, relevance)
        found = tentative or found
        if isinstance(found, Present) and submodules is not None:
            found = submodules(dependent).lacking(use, module) or found
        if isinstance(found, Absent) and not _is_missed_before(known, use, module):
            circumstance = known.circumstances.of(module, use.guard)
            fails_again = environment.circumstances.fails_again(module, use, exception_of(use, found))
            surfaces = frozenset() if tentative is not None or surfacing is None else surfacing
            severity = _severity(circumstance, use, found, surfaces, fails_again=fails_again)
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
                        fails_again=fails_again,
                        tentative=tentative is not None,
                    )
        elif isinstance(found, Present) and _is_warning(environment, module, use, found, dependent):
            symbol = dotted(use, module, environment, found)
            yield Miss(
                Severity.DEPRECATED, dependent, module, path, use, symbol, found.owner, found.deprecated
            )


def _tentatively(found: Resolved, dependent: Installed, relevance: Relevance) -> Absent | None:
    """What is missing unless it is made at run time, or something else has it.

    The whole of the modules is asked only where the past had it.
    """
    if not isinstance(found, Unknown):
        return None
    absent = found.unwritten.absent if found.unwritten else found.partly
    if absent is None:
        return None
    owner = absent.inherited.owner if absent.inherited is not None else absent.owner
    is_gone = owner is not None and owner.name != PYTHON and relevance.is_later(dependent, owner)
    return absent if is_gone else None


def _asked(
    environment: Environment,
    module: str,
    dependent: Installed,
    facts: ModuleFacts,
    looked_at: Container[str],
    relevance: Relevance,
) -> Iterator[Use]:
    """The uses of a module that may be of something missing."""
    for use in itertools.chain(facts.uses, overriding(environment, module, relevance.differs)):
        root = use.target.partition(":")[0].partition(".")[0]
        if root and not relevance.may_lack(dependent, root, at_import=not use.deferred):
            continue
        if not _stays_inside(use, module, dependent, environment, looked_at):
            yield use


def look_up(environment: Environment, module: str, looked_at: Container[str], relevance: Relevance) -> None:
    """Ask for all that a module takes, so that the environment knows the answers when misses are looked for."""
    dependent, facts = environment.owner(module), environment.facts(module)
    if dependent is not None and facts is not None:
        for use in _asked(environment, module, dependent, facts, looked_at, relevance):
            outcome(environment, use, module)


def _is_missed_before(environment: Environment, use: Use, module: str) -> bool:
    """Whether what is called on the way of a use is missing itself.

    The call is a use of its own; and what only annotates a parameter may be missing without harm.
    """
    called, call, _ = use.target.rpartition("()")
    if called.endswith(".super"):
        called, call, _ = called.rpartition("()")
    return bool(call) and isinstance(environment.resolve(called, module), Absent)


def _of_entry_points(environment: Environment, relevance: Relevance) -> Iterator[Miss]:
    for dependent, use in foreign_entry_points(environment):
        root = use.target.partition(":")[0].partition(".")[0]
        if not relevance.may_lack(dependent, root, at_import=False):
            continue
        found = outcome(environment.whole, use, "")
        if isinstance(found, Absent):
            yield Miss(Severity.LATENT, dependent, "", PATH, use, found.symbol, found.owner)


def _of_compiled(
    environment: Environment, reached: Mapping[str, frozenset[str]], relevance: Relevance
) -> Iterator[Miss]:
    for dependent, module, use, found in imported_by_c(environment, reached, relevance):
        path = dependent.layout.extensions[module]
        yield Miss(Severity.FATAL, dependent, module, path, use, found.symbol, found.owner, reached=True)


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
    if not name or "(" in chain:
        return f"{found.module}.{found.name}".rstrip(".")
    return f"{environment.absolute(name, module)}.{chain}".rstrip(".")


def _stays_inside(
    use: Use, module: str, dependent: Installed, environment: Environment, looked_at: Container[str]
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
    if not leads_on:
        return True
    # `from . import compat` has it in `compat`
    return origin not in looked_at and f"{origin}.{chain.partition('.')[0]}" not in looked_at


def severity_of(environment: Environment, module: str, use: Use, found: Absent) -> Severity | None:
    """How much it matters that something is missing where a module comes to it late, None where nothing comes of it."""
    return _severity(environment.circumstances.of(module, use.guard), use, found, frozenset())


def _severity(
    circumstance: Circumstance,
    use: Use,
    found: Absent,
    surfacing: frozenset[str],
    *,
    fails_again: bool = False,
) -> Severity | None:
    exception = exception_of(use, found)
    if circumstance.runs in (Truth.NO, Truth.WARY):
        return None
    if circumstance.catches(exception) and not fails_again:
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
    if isinstance(found, Present) and miss.use.how is not How.IMPORT:
        return left_out(environment, miss.use, miss.module, miss.symbol) or found
    return found


def first_not_there(environment: Environment, miss: Miss) -> str:
    """The shortest beginning of what the use of a miss asks for that is not seen to be there; empty if all of it is."""
    name, _, chain = miss.use.target.partition(":")
    parts = chain.split(".")
    beginnings = (f"{name}:{'.'.join(parts[:number])}" for number in range(1, len(parts) + 1))
    unseen = (one for one in beginnings if not isinstance(environment.resolve(one, miss.module), Present))
    return next(unseen, "")


def had_by_class(at_hand: Environment, other: Environment, miss: Miss) -> bool:
    """Whether in another environment the class has what the use of a miss takes of an object of it.

    How one comes by the object may be seen at hand only: annotations came late to many a library.
    """
    whose, _, member = miss.use.target.rpartition(".")
    if ":" not in whose or miss.use.how is How.OVERRIDE:
        return False
    found = at_hand.resolve(whose, miss.module)
    if not isinstance(found, Present) or found.kind is not Kind.CLASS:
        return False
    there = other.resolve(f"{found.module}:{found.name}", miss.module)
    if not isinstance(there, Present) or there.kind is not Kind.CLASS:
        return False
    taken = other.follow(replace(there, instance=found.instance), member)
    if miss.use.call is not None and isinstance(taken, Present):
        taken = call_result(other, taken, miss.use.call)
    return isinstance(taken, Present) or (isinstance(taken, Unknown) and taken.likely)


def outcome(environment: Environment, use: Use, module: str) -> Resolved:
    """What a use comes to: the name is there, takes the call where it is called, and gives what overrides it takes."""
    if use.how is How.OVERRIDE:
        return override_result(environment, use.target, module)
    found = environment.resolve(use.target, module)
    if use.call is not None and isinstance(found, Present):
        if found.unsure:
            return hedged(call_result(environment, replace(found, unsure=False), use.call))
        return call_result(environment, found, use.call)
    return found
