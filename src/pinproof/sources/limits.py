"""How much of an archive or a folder is looked at, for either may be hostile."""

MAX_ENTRIES = 100_000
MAX_MEMBER = 32 * 1024 * 1024
"""Bytes of one file."""
