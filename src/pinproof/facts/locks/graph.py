"""What of a universal lock an environment gets: who needs whom, and under which markers."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

Environment = Mapping[str, "str | AbstractSet[str]"]
"""The values of marker variables; of the lock file context, with `extras` and `dependency_groups`."""


def applies(marker: Marker | None, environment: Environment) -> bool:
    """Whether the marker holds; one that compares what cannot be compared does not."""
    if marker is None:
        return True
    try:
        return marker.evaluate(environment, context="lock_file")
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


@dataclass(frozen=True, slots=True)
class Need:
    """One package that another one, or the project, asks for.

    `extras` are those asked for. `under` is the extra of the asking package that brings this need; empty: always.
    `version`, or `allowed` (any of these), tells which one is meant where the lock has several.
    """

    name: NormalizedName
    marker: Marker | None = None
    extras: frozenset[str] = frozenset()
    under: str = ""
    version: Version | None = None
    allowed: tuple[SpecifierSet, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A package of the lock; `version` None for one that has none (a folder). `marker` is that of its fork."""

    name: NormalizedName
    version: Version | None
    needs: tuple[Need, ...]
    marker: Marker | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The packages of a lock, and what the project itself needs."""

    roots: tuple[Need, ...]
    nodes: tuple[Node, ...]

    def reached(self, environment: Environment) -> dict[NormalizedName, set[Version | None]]:
        """The packages that the roots need in this environment, with their versions."""
        named: dict[NormalizedName, list[Node]] = {}
        for node in self.nodes:
            if applies(node.marker, environment):
                named.setdefault(node.name, []).append(node)
        reached: dict[NormalizedName, set[Version | None]] = {}
        seen: set[tuple[NormalizedName, Version | None, str]] = set()
        waiting = list(_asked(self.roots, "", environment, named))
        while waiting:
            node, extra = waiting.pop()
            key = (node.name, node.version, extra)
            if key not in seen:
                seen.add(key)
                reached.setdefault(node.name, set()).add(node.version)
                waiting += _asked(node.needs, extra, environment, named)
        return reached


def unrequired(nodes: Iterable[Node]) -> tuple[Need, ...]:
    """Roots for a lock that does not say what its project needs: the packages that no other needs."""
    every = list(nodes)
    required = {need.name for node in every for need in node.needs if need.name != node.name}
    names = dict.fromkeys(node.name for node in every)
    return tuple(Need(name) for name in names if name not in required)


def _asked(
    needs: Iterable[Need], extra: str, environment: Environment, named: Mapping[NormalizedName, list[Node]]
) -> Iterator[tuple[Node, str]]:
    """The nodes that needs lead to, each once plain and once for each extra that is asked for."""
    here = {**environment, "extra": extra}
    for need in needs:
        if need.under in ("", extra) and applies(need.marker, here):
            for node in _meant(need, named.get(need.name, [])):
                yield node, ""
                yield from ((node, wanted) for wanted in need.extras)


def _meant(need: Need, nodes: list[Node]) -> list[Node]:
    """Those of several versions that the need can mean; all of them where it does not say."""
    if len(nodes) < 2:
        return nodes
    if need.version is not None:
        return [node for node in nodes if node.version == need.version]
    return [node for node in nodes if _allows(need, node)] or nodes


def _allows(need: Need, node: Node) -> bool:
    if node.version is None or not need.allowed:
        return True
    return any(specifiers.contains(node.version, prereleases=True) for specifiers in need.allowed)
