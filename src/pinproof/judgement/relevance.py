"""Which modules matter: such as may lack something that was there for them once.

A name can only be gone where a dependency is not the release that the dependent was made with. A module that takes
from no such dependency need not be parsed; in a young set those are most. Only what it imports has to be known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON
from pinproof.judgement.environment import Environment
from pinproof.judgement.pythons import RELEASED
from pinproof.judgement.strays import SEEDED_ROOTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.baselines import Baselines
    from pinproof.model.module import Mentions


class Relevance:
    """Answers for the modules of one set."""

    def __init__(self, environment: Environment, baselines: Baselines) -> None:
        self._baselines = baselines
        self.differs = baselines.differs
        self.differs_in_major = baselines.differs_in_major
        self.is_later = baselines.is_later
        self._python = environment.target.python
        self._owners: dict[str, list[Installed]] = {}
        for distribution in environment.distributions:
            for root in environment.roots_of(distribution):
                self._owners.setdefault(root, []).append(distribution)
        # What came with Python or with every environment once is looked for in the past where it is gone.
        self._gone = (self._former_roots() | SEEDED_ROOTS) - self._owners.keys()
        self._importable = self._owners.keys() | self._gone
        self._answers: dict[tuple[Installed, str, object], bool] = {}
        self._lacking: dict[tuple[Installed, str, bool], bool] = {}

    def _former_roots(self) -> frozenset[str]:
        """The top-level modules that earlier Pythons had."""
        earlier = [self._baselines.history.python(p) for p in RELEASED if p < self._python]
        return frozenset(root for library in earlier for root in Environment.roots_of(library))

    def covers(self, distribution: Installed, mentions: Mentions) -> bool:
        """Whether a module with these mentions matters though nothing may import it.

        One that firmly imports what is not there needs something that nobody installed, an extra perhaps, and
        cannot be used at all.
        """
        return mentions.firm <= self._importable and self._takes_what_moved(distribution, mentions)

    def covers_reached(self, distribution: Installed, mentions: Mentions | None) -> bool:
        """Whether a module that is imported matters for more than what it imports."""
        if mentions is None or self._is_older_than_python(distribution):
            return True
        return self._takes_what_moved(distribution, mentions)

    def _takes_what_moved(self, distribution: Installed, mentions: Mentions) -> bool:
        return any(
            root in self._gone or self._moved(distribution, root, self._baselines.may_lack)
            for root in mentions.roots - mentions.typing
        )

    def owners(self, mentions: Mentions) -> list[Installed]:
        """The distributions of the set that have something of what a module mentions."""
        owners = (owner for root in sorted(mentions.roots) for owner in self._owners.get(root, ()))
        return [owner for owner in dict.fromkeys(owners) if owner.name != PYTHON]

    def may_lack(self, distribution: Installed, root: str, *, at_import: bool) -> bool:
        """Whether something below a top-level name may not be there for a distribution that was there for it once.

        So it is where another release is there than it was made with, or a Python that is younger than it is, and
        where nothing has the name. What runs `at_import` is looked at if that release differs in anything.
        """
        key = (distribution, root, at_import)
        if key not in self._lacking:
            self._lacking[key] = self._may_lack(*key)
        return self._lacking[key]

    def _may_lack(self, distribution: Installed, root: str, at_import: bool) -> bool:
        differs = self._baselines.differs if at_import else self._baselines.may_lack
        if root not in self._owners or self._moved(distribution, root, differs):
            return True
        owners = [owner.name for owner in self._owners[root]]
        return distribution.name in owners or (PYTHON in owners and self._is_older_than_python(distribution))

    def _moved(
        self, distribution: Installed, root: str, differs: Callable[[Installed, Installed], bool]
    ) -> bool:
        key = (distribution, root, differs)
        if key not in self._answers:
            self._answers[key] = any(
                owner.name not in (distribution.name, PYTHON) and differs(distribution, owner)
                for owner in self._owners.get(root, ())
            )
        return self._answers[key]

    def _is_older_than_python(self, distribution: Installed) -> bool:
        uploaded, released = self._baselines.uploaded(distribution), RELEASED.get(self._python)
        return uploaded is None or released is None or uploaded.date() < released
