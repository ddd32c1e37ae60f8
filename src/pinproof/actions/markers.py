"""The environment in which PEP 508 markers are evaluated, for a target that need not be this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pinproof.model.release import Target

_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


def marker_environment(target: Target) -> dict[str, str]:
    """Every variable that markers may ask for; CPython, and like uv its first release of that minor version."""
    full = f"{target.python_text}.0"
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "nt" if target.platform == "win32" else "posix",
        "platform_machine": target.machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": _SYSTEMS.get(target.platform, target.platform.capitalize()),
        "platform_version": "",
        "python_full_version": full,
        "python_version": target.python_text,
        "sys_platform": target.platform,
    }
