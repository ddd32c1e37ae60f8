"""Read dates and spans of time as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pinproof.errors import InputError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HINT = "Write a day, like 2023-10-01, or a time with its offset, like 2023-10-01T12:00:00Z."


def end_of(text: str, now: datetime | None = None, *, label: str = "--as-of") -> datetime:
    """The moment, in UTC, before which things must have happened to count; a day includes all of itself.

    InputError, naming `label`, for what is no date, and for a date that is still to come.
    """
    now = now or datetime.now(UTC)
    is_day = _DAY.fullmatch(text) is not None
    start = _parsed(text, label)
    if start > now:
        today = now.date().isoformat()
        raise InputError(f"{label} {text}: that is in the future", hint=f"Today is {today} in UTC.")
    return start + timedelta(days=1) if is_day else start


def _parsed(text: str, label: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.upper())
        if _DAY.fullmatch(text):
            return moment.replace(tzinfo=UTC)
        if moment.tzinfo is None:
            raise InputError(f"{label} {text}: the time does not say its offset from UTC", _HINT)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(f"{label} {text}: not a date", _HINT) from None


_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_SPAN = re.compile(r"(\d{1,5})\s*(w|weeks?|d|days?|h|hours?|m|minutes?)(?![a-z])\s*")
_ISO_SPAN = re.compile(r"p(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:t(?:(\d{1,5})h)?(?:(\d{1,5})m)?)?")


def span_of(text: str) -> timedelta | None:
    """A span like `7 days`, `1 week 12 hours` or `P7D` (ISO 8601); None for what is none.

    Months and years are none: they are not always as long.
    """
    text = text.strip().lower()
    if text.startswith("p"):
        found = _ISO_SPAN.fullmatch(text)
        parts = [] if found is None else list(zip(_UNITS.values(), found.groups(), strict=True))
        amounts = {unit: int(amount) for unit, amount in parts if amount}
    else:
        amounts = {_UNITS[unit[0]]: int(amount) for amount, unit in _SPAN.findall(text)}
        if _SPAN.sub("", text):
            return None
    return timedelta(**amounts) if amounts else None
