"""Records of OSV as tests need them."""

from __future__ import annotations

from typing import Any


def vulnerable(
    name: str,
    *,
    identifier: str = "PYSEC-2024-1",
    fixed: str | None = None,
    introduced: str = "0",
    aliases: tuple[str, ...] = (),
    modified: str = "2024-05-01T10:00:00Z",
    **more: Any,
) -> dict[str, Any]:
    """A record that all releases of a project are affected from one on, before the one with the fix."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    return {
        "schema_version": "1.7.0",
        "id": identifier,
        "modified": modified,
        "published": modified,
        "aliases": list(aliases),
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": name},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
        **more,
    }
