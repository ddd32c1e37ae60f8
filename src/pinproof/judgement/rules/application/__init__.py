"""Rules for what an application declares and locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pinproof.judgement.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
