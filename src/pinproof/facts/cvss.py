"""How bad an advisory says it is, in a word."""

from __future__ import annotations

from pinproof.model.advisory import UNRATED, Level, Rating

_WORDS = {"moderate": Level.MEDIUM, **{level.value: level for level in Level}}


def rating_of(word: str) -> Rating:
    """The rating of a word like `HIGH`."""
    level = _WORDS.get(word.strip().lower(), Level.UNRATED)
    return UNRATED if level is Level.UNRATED else Rating(level)
