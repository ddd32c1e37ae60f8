"""Rules for every project."""

from __future__ import annotations

from pinproof.judgement.rules.everywhere import unreadable_file, unused_ignore

RULES = (unreadable_file.RULE, unused_ignore.RULE)
