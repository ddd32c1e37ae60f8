"""Rules for declarations: one file each, found by their codes."""

from __future__ import annotations

from pinproof.judgement.rules import application, everywhere, library

RULES = tuple(sorted((*library.RULES, *application.RULES, *everywhere.RULES), key=lambda rule: rule.code))
"""Every rule, by its code."""
