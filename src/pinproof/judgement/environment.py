"""A pinned set seen as one import system.

Resolving a target (see `model.module`) gives `Present`, `Absent` or `Unknown`. Only what can be seen to be
missing is `Absent`: every place where the name could come from has been read and does not have it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from pinproof.judgement.answers import (
    PYTHON,
    Absent,
    Installed,
    Present,
    Resolved,
    Truth,
    Unknown,
    hedged,
    one_of,
)
from pinproof.judgement.asking import Answers, Asking
from pinproof.judgement.bindings import bound
from pinproof.judgement.circumstances import Circumstances
from pinproof.judgement.members import aliased, attribute, class_member, original
from pinproof.judgement.returns import called, returned
from pinproof.judgement.stars import exported, given
from pinproof.model.module import CTables, ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pinproof.judgement.importing import Edge
    from pinproof.model.distribution import Layout
    from pinproof.model.release import Target

_MAX_PARTS = 100
_MAX_ALTERNATIVES = 16


class Environment:
    """The import system of a set, the standard library first.

    `facts` gives what the source of a member says; it is asked lazily. `imports` may give less of it, but all that says
    which modules are imported. `outlines`, where they are given, are asked instead of `facts`: what those do not tell,
    the `whole` environment does, and nothing is missing before that says so. `complete` is false where a distribution
    of the set is not among the `distributions`, because it could not be read. `strings` tells whether a compiled
    module has a name among its strings; only a `thorough` environment asks, because that takes the whole file. `tables`
    tells what one may import by C.
    """

    def __init__(
        self,
        distributions: Iterable[Installed],
        facts: Callable[[Installed, str], ModuleFacts],
        target: Target,
        *,
        complete: bool = True,
        strings: Callable[[Installed, str, str], bool | None] | None = None,
        tables: Callable[[Installed, str], CTables] | None = None,
        imports: Callable[[Installed, str], ModuleFacts] | None = None,
        outlines: Callable[[Installed, str], ModuleFacts] | None = None,
        thorough: bool = False,
        asking: Asking | None = None,
    ) -> None:
        self.distributions = tuple(distributions)
        self.target = target
        self.complete = complete
        self._facts = facts
        self._imports = imports or facts
        self._outlines = outlines
        self._strings = strings
        self._tables = tables
        self._is_thorough = thorough
        self._roots: dict[str, list[Installed]] = {}
        for distribution in self.distributions:
            for root in self.roots_of(distribution):
                self._roots.setdefault(root, []).append(distribution)
        self._owners: dict[str, Installed | None] = {}
        self._is_module: dict[str, bool] = {}
        self._facts_of: dict[str, ModuleFacts | None] = {}
        self._imports_of: dict[str, ModuleFacts | None] = {}
        self.edges: dict[str, Sequence[Edge]] = {}
        """What importing a module imports, kept by `judgement.importing`."""
        self.imports_within: dict[str, Mapping[str, frozenset[str]]] = {}
        """What packages import of their own distribution, kept by `judgement.submodules`."""
        self._modules: dict[str, Resolved] = {}
        self._resolved: dict[tuple[str, str], Resolved] = {}
        self._namespaces: dict[Installed, frozenset[str]] = {}
        self.asking = asking or Asking()
        circular = Unknown("circular")
        self._members: Answers[tuple[str, str], Resolved] = Answers(
            self.asking, lambda key: self._member(*key), circular, _is_unknown
        )
        self.exports: Answers[tuple[str, str], Truth] = Answers(
            self.asking, lambda key: exported(self, *key), Truth.MAYBE, lambda found: found is Truth.MAYBE
        )
        self.aliases: Answers[tuple[str, str], Resolved] = Answers(
            self.asking, lambda key: aliased(self, *key), circular, _is_unknown
        )
        self.class_members: Answers[tuple[Present, str], Resolved] = Answers(
            self.asking, lambda key: class_member(self, *key), circular, _is_unknown
        )
        self.returned: Answers[Present, tuple[Resolved, ...]] = Answers(
            self.asking,
            lambda found: returned(self, found),
            (circular,),
            lambda ways: any(map(_is_unknown, ways)),
        )
        self.circumstances = Circumstances(self, self.facts)
        self.import_circumstances = Circumstances(self, self.import_facts, self.circumstances)

    def replacing(self, distribution: Installed) -> Environment:
        """The same set with another release of one distribution (added where the set has none).

        All of each module is looked at there: the past is asked about what is missing.
        """
        others = [d for d in self.distributions if d.name != distribution.name]
        # The standard library stays first: nothing that is installed stands before it on the path.
        order = [distribution, *others] if distribution.name == PYTHON else [*others, distribution]
        return self._like(order, thorough=self._is_thorough)

    @cached_property
    def whole(self) -> Environment:
        """The same set, with all of each module looked at."""
        if self._outlines is None:
            return self
        # What is asked there on behalf of a question here is part of its chain.
        return self._like(self.distributions, thorough=self._is_thorough, asking=self.asking)

    @cached_property
    def thorough(self) -> Environment:
        """The same set, with all of each module looked at, and compiled ones looked into."""
        return self if self._is_thorough else self._like(self.distributions, thorough=True)

    def renew(self, modules: Iterable[str]) -> None:
        """Ask anew what these modules say: where there were outlines of them, there is the whole by now.

        What was found out by their outlines stays true.
        """
        for module in modules:
            if module in self._facts_of:
                self.circumstances.forget(module)
                del self._facts_of[module]

    def take(self, module: str, facts: ModuleFacts) -> None:
        """Go by these facts of a module from here on."""
        self.circumstances.forget(module)
        self._facts_of[module] = facts

    def _like(
        self,
        distributions: Iterable[Installed],
        *,
        thorough: bool,
        asking: Asking | None = None,
    ) -> Environment:
        return Environment(
            distributions,
            self._facts,
            self.target,
            complete=self.complete,
            strings=self._strings,
            tables=self._tables,
            imports=self._imports,
            thorough=thorough,
            asking=asking,
        )

    def on_python(self, library: Installed) -> Environment:
        """The same set on another Python."""
        major, minor = library.version.release[:2]
        changed = self.replacing(library)
        changed.target = replace(self.target, python=(major, minor))
        return changed

    # --- modules -------------------------------------------------------------------------------------

    def providers(self, module: str) -> Sequence[Installed]:
        """The distributions that have something under the root of this name."""
        return self._roots.get(module.partition(".")[0], ())

    @staticmethod
    @cache
    def roots_of(distribution: Installed) -> frozenset[str]:
        """The top-level names of a distribution."""
        return frozenset(name.partition(".")[0] for name in _names(distribution.layout))

    def owner(self, module: str) -> Installed | None:
        """The distribution that has this module, as source or compiled; regular packages win."""
        if module not in self._owners:
            self._owners[module] = next((d for d in self.providers(module) if _has(d.layout, module)), None)
        return self._owners[module]

    def is_of_python(self, module: str) -> bool:
        """Whether a module is one of the standard library."""
        owner = self.owner(module)
        return owner is not None and owner.name == PYTHON

    def is_module(self, module: str) -> bool:
        """Whether importing this name finds something: a module, a package or a namespace."""
        if module not in self._is_module:
            self._is_module[module] = self.owner(module) is not None or self.is_namespace(module)
        return self._is_module[module]

    def is_namespace(self, module: str) -> bool:
        """Whether the name is a package without a file of its own (PEP 420)."""
        return any(module in self._namespaces_of(d) for d in self.providers(module))

    def _namespaces_of(self, distribution: Installed) -> frozenset[str]:
        if distribution not in self._namespaces:
            names = {
                name[:end]
                for name in _names(distribution.layout)
                for end in range(len(name))
                if name[end] == "."
            }
            self._namespaces[distribution] = frozenset(names - distribution.layout.packages)
        return self._namespaces[distribution]

    def facts(self, module: str) -> ModuleFacts | None:
        """What the module's source says; None for a namespace, an extension, or no module at all."""
        if module not in self._facts_of:
            self._facts_of[module] = self._read(module, self._outlines or self._facts)
        return self._facts_of[module]

    def facts_at_hand(self) -> Iterator[tuple[Installed, ModuleFacts]]:
        """What was asked for so far of what modules say, with the distributions that these are of."""
        for module, facts in self._facts_of.items():
            owner = self.owner(module)
            if owner is not None and facts is not None:
                yield owner, facts

    def import_facts(self, module: str) -> ModuleFacts | None:
        """The same, as far as it says what importing the module imports; its guards have numbers of their own."""
        if module not in self._imports_of:
            self._imports_of[module] = self._read(module, self._imports)
        return self._imports_of[module]

    def _read(self, module: str, reading: Callable[[Installed, str], ModuleFacts]) -> ModuleFacts | None:
        owner = self.owner(module)
        path = owner.layout.modules.get(module) if owner is not None else None
        return reading(owner, path) if owner is not None and path is not None else None

    def is_package(self, module: str) -> bool:
        """Whether relative imports in this module start from itself."""
        return any(module in d.layout.packages for d in self.providers(module))

    def absolute(self, module: str, within: str) -> str:
        """A possibly relative module name, as seen from the module `within`."""
        if not module:
            return within
        if module[0] != ".":
            return module
        level = len(module) - len(module.lstrip("."))
        parts = within.split(".")
        drop = level - 1 if self.is_package(within) else level
        base = parts[: len(parts) - drop] if drop else parts
        rest = module[level:]
        return ".".join([*base, rest] if rest else base)

    # --- names ---------------------------------------------------------------------------------------

    def resolve(self, target: str, within: str) -> Resolved:
        """What a target of the module `within` stands for."""
        name, _, chain = target.partition(":")
        module = self.absolute(name, within)
        if not chain:
            return self.module(module)
        found = self._resolved.get((module, chain))
        if found is None:
            found = self.module(module)
            if isinstance(found, Present):
                found = self.follow(found, chain)
            # What follows from a question that is being answered need not be the answer.
            if not self.asking.is_open:
                self._resolved[module, chain] = found
        return found

    def follow(self, found: Resolved, chain: str) -> Resolved:
        """What a chain of attributes and calls behind something stands for."""
        deprecated, whose = "", None
        parts = chain.split(".")
        for number, part in enumerate(parts, 1):
            if not isinstance(found, Present):
                return found
            if not part.endswith("()") or part == "super()":
                found = attribute(self, found, part)
                given: Sequence[Resolved] = (found,)
            else:
                found, given = self._called(found, part)
            if isinstance(found, Present) and found.deprecated and not deprecated:
                deprecated, whose = found.deprecated, found.owner
            if len(given) > 1:
                return self._follow_all(given, parts[number:])
            found = given[0]
        if isinstance(found, Present) and whose is found.owner and not found.deprecated:
            return replace(found, deprecated=deprecated)
        return found

    def _called(self, found: Present, part: str) -> tuple[Resolved, Sequence[Resolved]]:
        """A member of something (itself, where the call has no name), and what calling it gives."""
        name = part.rstrip("()")
        member = attribute(self, found, name) if name else found
        given: Sequence[Resolved] = (member,)
        for _ in range((len(part) - len(name)) // 2):
            further: dict[Resolved, None] = {}
            for one in given:
                ways = self._what_calling_gives(one) if isinstance(one, Present) else (one,)
                further.update(dict.fromkeys(ways))
            given = tuple(further)
        return member, given

    def _what_calling_gives(self, found: Present) -> Sequence[Resolved]:
        itself = original(self, found)
        ways = called(self, replace(itself, unsure=False) if itself.unsure else itself)
        return [hedged(way) for way in ways] if itself.unsure or found.unsure else ways

    def _follow_all(self, ways: Sequence[Resolved], parts: Sequence[str]) -> Resolved:
        """Where it may be one thing or another: all of them, side by side."""
        for part in parts:
            further: dict[Resolved, None] = {}
            for way in ways:
                if not isinstance(way, Present):
                    further[way] = None
                elif part.endswith("()") and part != "super()":
                    further.update(dict.fromkeys(self._called(way, part)[1]))
                else:
                    further[attribute(self, way, part)] = None
            if len(further) > _MAX_ALTERNATIVES:
                return Unknown("too many alternatives")
            ways = list(further)
        return one_of(ways)

    def module(self, module: str) -> Resolved:
        """Import a module by its absolute name."""
        if module not in self._modules:
            if module.count(".") > _MAX_PARTS:
                return Unknown("nested deeper than any module")
            self._modules[module] = self._imported(module)
        return self._modules[module]

    def _imported(self, module: str) -> Resolved:
        owner = self.owner(module)
        if owner is not None:
            package = self.module(module.rpartition(".")[0]) if "." in module else None
            return package if isinstance(package, Absent) else self._loaded(module, owner)
        if self.is_namespace(module):
            return Present(module)
        parent, _, _ = module.rpartition(".")
        if not parent:
            return self._foreign_root(module)
        above = self.module(parent)
        if not isinstance(above, Present):
            return above
        if above.name:
            return Unknown(f"{parent} is another name for something else")
        if above.module != parent:
            return self.module(f"{above.module}.{module.rpartition('.')[2]}")
        facts = self.facts(parent)
        if other := _renamed(facts, module):
            return self.module(other)
        if facts is None and not self.is_namespace(parent):
            return Unknown(f"{parent} is compiled")
        if facts is not None and (reason := _may_make_modules(facts)):
            return Unknown(f"{parent}: {reason}")
        owner = self.owner(parent)
        if owner is None or not self.complete:
            return Unknown(f"{parent} is a namespace, others may add to it")
        if not owner.built and owner.layout.extensions:
            return Unknown(f"{owner} is a source distribution, whose build may make {module}")
        return Absent(module, "ModuleNotFoundError", owner)

    def _loaded(self, module: str, owner: Installed) -> Resolved:
        if module in owner.layout.modules:
            facts = self.facts(module)
            assert facts is not None
            for raised in facts.raises:
                circumstance = self.circumstances.of(module, raised.guard)
                if circumstance.runs is Truth.YES and not circumstance.catches(raised.exception):
                    return Absent(module, raised.exception, owner)
            return Present(module, deprecated=facts.deprecated, owner=owner)
        return Present(module, owner=owner)

    def _foreign_root(self, root: str) -> Resolved:
        if not self.complete:
            return Unknown("a distribution of the set could not be read")
        if any(root in hook for d in self.distributions for hook in d.layout.path_hooks):
            return Unknown("made at start-up by a .pth file")
        return Absent(root, "ModuleNotFoundError")

    def member(self, module: str, name: str) -> Resolved:
        """A name of a module: bound there, a submodule, or given by a star import or `__getattr__`."""
        return self._members((module, name))

    def _member(self, module: str, name: str) -> Resolved:
        facts = self.facts(module)
        submodule = f"{module}.{name}"
        if facts is None:
            if self.is_module(submodule):
                return self.module(submodule)
            if self.is_namespace(module) and self.owner(module) is None and self.complete:
                return Absent(submodule, "ImportError", next(iter(self.providers(module)), None))
            return self._of_compiled(module, name)
        if facts.degraded:
            return Unknown(f"{module} cannot be parsed: {facts.degraded}")
        if other := _renamed(facts, submodule):
            return self.module(other)
        if (found := bound(self, module, name, facts.bindings.get(name, ()))) is not None:
            return found
        if self.is_module(submodule):
            return self.module(submodule)
        return given(self, module, name, facts)

    def _of_compiled(self, module: str, name: str) -> Resolved:
        """By the strings in the file of a compiled module; what its stub lists is not asked for."""
        owner = self.owner(module)
        reason = f"{module} is compiled or of the standard library"
        if owner is None or owner.name == PYTHON or name.startswith("__") or self._strings is None:
            return Unknown(reason)
        if not self._is_thorough:
            return Unknown(reason, compiled=owner)
        if self.is_in_stub(module, name):
            return Unknown(reason, likely=True)
        found = self._strings(owner, module, name)
        if found is False:
            return Absent(f"{module}.{name}", "ImportError", owner)
        return Unknown(reason, likely=found is True)

    def is_in_stub(self, module: str, name: str) -> bool:
        """Whether a stub beside a module has a name."""
        owner = self.owner(module)
        path = owner.layout.stubs.get(module) if owner is not None else None
        return owner is not None and path is not None and name in self._facts(owner, path).bindings

    def tables(self, module: str) -> CTables:
        """What a compiled module may import by C; its file is fetched for that."""
        owner = self.owner(module)
        return self._tables(owner, module) if owner is not None and self._tables else CTables()


def _has(layout: Layout, module: str) -> bool:
    return module in layout.modules or module in layout.extensions


def _is_unknown(found: Resolved) -> bool:
    return isinstance(found, Unknown)


def _names(layout: Layout) -> Iterable[str]:
    yield from layout.modules
    yield from layout.extensions


def _renamed(facts: ModuleFacts | None, module: str) -> str:
    """The module that a package puts in the place of this one, or empty."""
    head = f"sys.modules:{module}="
    return next((d.removeprefix(head) for d in facts.dynamic if d.startswith(head)), "") if facts else ""


def _may_make_modules(facts: ModuleFacts) -> str:
    """Why a package could have submodules that no file shows, or empty."""
    if facts.degraded:
        return "cannot be parsed"
    for marker in facts.dynamic:
        if marker in ("__path__", "namespace", "exec", "__class__") or marker.startswith(
            ("sys.modules", "sys.meta_path")
        ):
            return f"makes modules at run time ({marker})"
    return ""
