"""Rules for what a library publishes."""

from __future__ import annotations

from pinproof.judgement.rules.library import exact_pin

RULES = (exact_pin.RULE,)
