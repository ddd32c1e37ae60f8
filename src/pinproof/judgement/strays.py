"""Modules that nothing in the set provides: where they used to come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pinproof.judgement.answers import PYTHON, Installed
from pinproof.judgement.environment import Environment
from pinproof.judgement.pythons import RELEASED
from pinproof.model.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.judgement.answers import Miss
    from pinproof.judgement.baselines import Baselines

_SEEDED = tuple(map(canonicalize_name, ("setuptools", "pip")))
"""What every virtual environment held, required or not, until Python 3.12 (`ensurepip`)."""


SEEDED_ROOTS = frozenset({"setuptools", "pkg_resources", "distutils", "pip"})
"""The modules that came with those."""


class Strays:
    """Looks for the former providers of modules."""

    def __init__(self, environment: Environment, baselines: Baselines) -> None:
        self._environment = environment
        self._baselines = baselines
        self._present = {d.name for d in environment.distributions}

    def worth_a_look(self, miss: Miss) -> bool:
        """Whether the past could have had the module: asking the index about it takes time.

        Not if it never came with Python, nobody in the set could have provided it, and nothing reached needs it.
        """
        root = miss.symbol.partition(".")[0]
        if miss.reached or self._candidates(miss, root):
            return True
        return _came_with_python(root, self._baselines)

    def former_providers(self, miss: Miss) -> Iterator[Installed]:
        """Distributions of the set whose baseline had the module: setuptools for `pkg_resources`."""
        root = miss.symbol.partition(".")[0]
        former = {}
        for candidate in self._candidates(miss, root):
            baseline = self._baselines.release(miss.dependent, candidate.name)
            if baseline is not None and baseline.version != candidate.version:
                former[candidate] = (baseline.name, baseline.version)
        opened = self._baselines.history.distributions(former.values())
        for candidate, before in zip(former, opened, strict=True):
            if isinstance(before, Installed) and provides(before, root):
                yield candidate

    def _candidates(self, miss: Miss, root: str) -> list[Installed]:
        """Those that the dependent requires and, for what is not reached anyhow, only those of like name."""
        required = self._baselines.requires(miss.dependent)
        alike = canonicalize_name(root)
        return [
            d
            for d in self._environment.distributions
            if d is not miss.dependent
            and d.name != PYTHON
            and ((miss.reached and d.name in required) or alike in d.name or d.name in _SEEDED)
        ]

    def never_required(self, miss: Miss) -> Iterator[Installed]:
        """Distributions of the baseline that have the module and that the set lacks: nobody required them."""
        if not _runs_at_import(miss):
            return
        root = miss.symbol.partition(".")[0]
        lacking = (pin for pin in self._baseline_set(miss.dependent) if pin[0] not in self._present)
        for before in self._baselines.history.distributions(lacking):
            if isinstance(before, Installed) and provides(before, root):
                yield before

    def _baseline_set(self, dependent: Installed) -> list[tuple[NormalizedName, Version]]:
        asked = _baseline_of(dependent, self._baselines)
        if asked is None:
            return []
        pins = {p.name: p.version for p in self._baselines.history.set_of(*asked)}
        for seeded in _SEEDED:
            release = self._baselines.release(dependent, seeded)
            if release is not None:
                pins.setdefault(seeded, release.version)
        return list(pins.items())


def sets_asked_for(misses: Iterable[Miss], baselines: Baselines) -> Iterator[tuple[Requirement, datetime]]:
    """The questions to the resolver that these misses are likely to lead to, so that they can be put together."""
    for miss in misses:
        if miss.owner is None and miss.severity is not Severity.DEPRECATED and _runs_at_import(miss):
            root = miss.symbol.partition(".")[0]
            asked = _baseline_of(miss.dependent, baselines)
            if asked is not None and root not in SEEDED_ROOTS and not _came_with_python(root, baselines):
                yield asked


def _came_with_python(root: str, baselines: Baselines) -> bool:
    return any(provides(baselines.history.python(python), root) for python in RELEASED)


def _runs_at_import(miss: Miss) -> bool:
    return miss.reached and not miss.use.deferred


def _baseline_of(dependent: Installed, baselines: Baselines) -> tuple[Requirement, datetime] | None:
    """What resolves to the baseline of a distribution, and when; None for what has no day of upload."""
    uploaded = baselines.uploaded(dependent)
    return None if uploaded is None else (Requirement(f"{dependent.name}=={dependent.version}"), uploaded)


def provides(distribution: Installed, root: str) -> bool:
    """Whether a distribution has modules under this top-level name."""
    return root in Environment.roots_of(distribution)
