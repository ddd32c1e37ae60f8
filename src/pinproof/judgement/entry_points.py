"""Entry points: names of modules and objects that a distribution promises to whoever asks for its group.

Those in its own modules came with it. One that leads into another distribution breaks when that takes it away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON
from pinproof.model.module import Use
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.environment import Environment

PATH = "entry_points.txt"
_REFERENCE = re.compile(r"\s*(?P<module>[\w.]+)\s*(?::\s*(?P<object>[\w.]+)\s*)?")


def foreign_entry_points(environment: Environment) -> Iterator[tuple[Installed, Use]]:
    """What the entry points of each distribution take from others; those that need an extra are left out."""
    for distribution in environment.distributions:
        own = environment.roots_of(distribution)
        for group in distribution.metadata.entry_points.values() if distribution.name != PYTHON else ():
            for reference in group.values():
                found = _REFERENCE.fullmatch(reference)
                if found is not None and found["module"].partition(".")[0] not in own:
                    target = f"{found['module']}:{found['object'] or ''}"
                    yield distribution, Use(target, How.IMPORT, 0, deferred=True)
