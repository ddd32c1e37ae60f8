"""How a file would change."""

from __future__ import annotations

import difflib


def difference(filename: str, before: bytes, after: bytes) -> str:
    """A unified diff, as `patch` reads it."""
    old, new = (content.decode("utf-8", "replace").splitlines() for content in (before, after))
    name = filename.replace("\\", "/").removeprefix("./")
    return "\n".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm=""))
