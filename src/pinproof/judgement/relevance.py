"""Which modules matter though nothing imports them: such as may lack something that was there for them once.

A name can only be gone where a dependency is not the release that the dependent was made with. A module that takes
from no such dependency need not be parsed; in a young set those are most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON
from pinproof.judgement.pythons import RELEASED
from pinproof.judgement.strays import SEEDED_ROOTS

if TYPE_CHECKING:
    from pinproof.judgement.answers import Installed
    from pinproof.judgement.baselines import Baselines
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Mentions


class Relevance:
    """Answers for the modules of one set."""

    def __init__(self, environment: Environment, baselines: Baselines) -> None:
        self._baselines = baselines
        self._owners: dict[str, list[Installed]] = {}
        for distribution in environment.distributions:
            for root in environment.roots_of(distribution):
                self._owners.setdefault(root, []).append(distribution)
        # What came with Python or with every environment once is looked for in the past where it is gone.
        self._gone = (self._former_roots(environment) | SEEDED_ROOTS) - self._owners.keys()
        self._importable = self._owners.keys() | self._gone
        self._moved: dict[tuple[Installed, str], bool] = {}

    def _former_roots(self, environment: Environment) -> frozenset[str]:
        """The top-level modules that earlier Pythons had."""
        python, history = environment.target.python, self._baselines.history
        earlier = [history.python(p) for p in RELEASED if p < python]
        return frozenset(root for library in earlier for root in environment.roots_of(library))

    def covers(self, distribution: Installed, mentions: Mentions) -> bool:
        """Whether a module with these mentions matters.

        One that firmly imports what is not there needs something that nobody installed, an extra perhaps, and
        cannot be used at all.
        """
        return mentions.firm <= self._importable and any(
            self._has_moved(distribution, root) for root in mentions.roots
        )

    def _has_moved(self, distribution: Installed, root: str) -> bool:
        key = (distribution, root)
        if key not in self._moved:
            owners = self._owners.get(root, ())
            self._moved[key] = root in self._gone or any(
                owner.name not in (distribution.name, PYTHON) and self._baselines.may_lack(distribution, owner)
                for owner in owners
            )
        return self._moved[key]
