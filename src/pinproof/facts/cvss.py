"""How bad an advisory says it is: the base score of a CVSS vector, else a word.

Source: https://www.first.org/cvss/ (3.0, 3.1 and 4.0), whose equations and tables the library `cvss` has
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.advisory import UNRATED, Level, Rating

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = {"moderate": Level.MEDIUM, **{level.value: level for level in Level}}
_FROM = ((9.0, Level.CRITICAL), (7.0, Level.HIGH), (4.0, Level.MEDIUM), (0.1, Level.LOW))


def rating_of(vectors: Iterable[tuple[str, str]], word: str = "") -> Rating:
    """The rating of vectors, each with what OSV calls its kind, or of a word like `HIGH` where none can be read.

    Of CVSS 4 and CVSS 3 the newer one counts.
    """
    for kind, vector in sorted(vectors, reverse=True):
        score = _score(kind, vector)
        if score is not None:
            level = next((level for least, level in _FROM if score >= least), Level.NONE)
            return Rating(level, score, vector)
    level = _WORDS.get(word.strip().lower(), Level.UNRATED)
    return UNRATED if level is Level.UNRATED else Rating(level)


def _score(kind: str, vector: str) -> float | None:
    # Imported late: most records say nothing of the kind.
    from cvss import CVSS3, CVSS4  # type: ignore[import-untyped]
    from cvss.exceptions import CVSSError  # type: ignore[import-untyped]

    try:
        match kind:
            case "CVSS_V4":
                return float(CVSS4(vector).base_score)
            case "CVSS_V3":
                return float(CVSS3(vector).base_score)
            case _:
                return None
    except (CVSSError, ValueError, KeyError, IndexError):
        return None
