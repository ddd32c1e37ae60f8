"""The rest of a set: what a combination needs beside itself, resolved once for all that need the same."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import Requirement

from pinproof.actions.resolving import Resolver
from pinproof.sources.uv import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Library
    from pinproof.model.release import Pin

    Progress = Callable[[str, int, int], None]
    Fixed = Mapping[NormalizedName, Version]


class _Question(NamedTuple):
    others: tuple[str, ...]
    constraints: tuple[str, ...]
    pins: tuple[tuple[NormalizedName, Version], ...]


class Remainders:
    """Answers of uv, remembered.

    The combination itself is only told to uv where the rest requires something of it again: then its pins are
    constraints. So the answer is what uv gives for the whole set, and combinations share it.
    """

    def __init__(self, library: Library, progress: Progress) -> None:
        self._progress = progress
        self._resolver = Resolver(library)
        self._answers: dict[_Question, tuple[Pin, ...] | Conflict] = {}

    def prepare(self, wanted: Collection[tuple[tuple[str, ...], Fixed]]) -> None:
        """Resolve several at once, each once."""
        different = {others: fixed for others, fixed in wanted if others}
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            answers = threads.map(lambda one: self.of(*one), different.items())
            for number, _ in enumerate(answers, 1):
                self._progress("Resolving", number, len(different))

    def of(
        self, others: tuple[str, ...], fixed: Fixed, constraints: tuple[str, ...] = ()
    ) -> tuple[Pin, ...] | Conflict:
        """What the requirements give beside the `fixed` releases, under constraints."""
        if not others:
            return ()
        told: set[NormalizedName] = set()
        while True:
            pins = tuple((name, fixed[name]) for name in sorted(told))
            answer = self._answer(_Question(others, constraints, pins))
            if isinstance(answer, Conflict):
                return answer
            required_again = {pin.name for pin in answer if pin.name in fixed}
            if required_again <= told:
                return tuple(pin for pin in answer if pin.name not in fixed)
            told |= required_again

    def _answer(self, question: _Question) -> tuple[Pin, ...] | Conflict:
        if question not in self._answers:
            pins = [f"{name}=={version}" for name, version in question.pins]
            fixed_early = any(version.is_prerelease for _, version in question.pins)
            self._answers[question] = self._resolver.compile(
                question.others,
                [Requirement(text) for text in (*question.others, *pins)],
                constraints=[*question.constraints, *pins],
                # What releases require is no word of the user's, so a pre-release that they name is not asked for.
                prerelease="if-necessary-or-explicit" if fixed_early else "if-necessary",
            )
        return self._answers[question]
