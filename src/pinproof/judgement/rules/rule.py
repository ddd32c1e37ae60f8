"""What a rule is: a function that looks at a project, and whose docstring is its documentation.

The docstring has a first line that says what is wrong, and the sections of `SECTIONS`, in this order. The blocks of
code in "Example" and "Use instead" are files, whose names stand behind the language (`toml pyproject.toml`): the rule
has to find something in the first, nothing in the second, and its fix has to turn one into the other.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.finding import Finding

SECTIONS = ("What it does", "Why is this bad?", "Example", "Use instead", "Fix safety")
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


class Need(Enum):
    """What a rule asks beyond the files."""

    INDEX = "the index"
    JUDGE = "the code of releases"


class Scope(Enum):
    """Which projects a rule is for."""

    LIBRARY = "libraries"
    APPLICATION = "applications"
    EVERYWHERE = "every project"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `default` says whether it counts without being selected.

    Without what it `needs` it says nothing, and is not run; without what it `asks` it says less.
    """

    code: str
    find: Callable[[Project, World], Iterable[Finding]]
    scope: Scope
    needs: frozenset[Need] = frozenset()
    default: bool = True
    asks: frozenset[Need] = frozenset()

    @property
    def name(self) -> str:
        """That of its function, as it is written elsewhere: `exact-pin`."""
        return self.find.__name__.replace("_", "-")

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def documentation(self) -> str:
        """All of it, as Markdown."""
        return inspect.cleandoc(self.find.__doc__ or "")

    def section(self, heading: str) -> str:
        """What stands under one of the headings; empty where there is none."""
        _, *parts = _HEADING.split(self.documentation)
        return dict(zip(parts[::2], parts[1::2], strict=True)).get(heading, "").strip()

    def applies_to(self, project: Project) -> bool:
        """Whether it is for this project."""
        match self.scope:
            case Scope.LIBRARY:
                return project.is_library
            case Scope.APPLICATION:
                return project.is_application
            case Scope.EVERYWHERE:
                return True
