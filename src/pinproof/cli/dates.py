"""Read the date of `--as-of`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pinproof.errors import InputError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HINT = "Write a day, like 2023-10-01, or a time with its offset, like 2023-10-01T12:00:00Z."


def end_of(text: str, now: datetime | None = None) -> datetime:
    """The moment, in UTC, before which things must have happened to count; a day includes all of itself.

    InputError for what is no date, and for a date that is still to come.
    """
    now = now or datetime.now(UTC)
    is_day = _DAY.fullmatch(text) is not None
    start = _parsed(text)
    if start > now:
        today = now.date().isoformat()
        raise InputError(f"--as-of {text}: that is in the future", hint=f"Today is {today} in UTC.")
    return start + timedelta(days=1) if is_day else start


def _parsed(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.upper())
        if _DAY.fullmatch(text):
            return moment.replace(tzinfo=UTC)
        if moment.tzinfo is None:
            raise InputError(f"--as-of {text}: the time does not say its offset from UTC", _HINT)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(f"--as-of {text}: not a date", _HINT) from None
