"""What stays the same of a finding while what it is about does, wherever that moves."""

from __future__ import annotations

import hashlib


def digest(parts: tuple[str, ...]) -> str:
    """A fingerprint of what something is about."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
