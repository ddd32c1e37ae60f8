"""`docs/rules.md` has a row for every rule, made of the rule itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.judgement.rules import RULES

if TYPE_CHECKING:
    from pinproof.judgement.rules.rule import Rule

TABLE = Path(__file__).parents[3] / "docs" / "rules.md"


def row(rule: Rule) -> str:
    """The row of a rule; where it is missing the test shows it, to be put there."""
    code = f"`{rule.code}`" if rule.default else f"`{rule.code}` (off)"
    safety = re.findall(r"\b(?:un)?safe\b", rule.section("Fix safety").lower())
    needs = [need.value for need in rule.needs] + [f"({need.value})" for need in rule.asks]
    fix, beyond = ", ".join(sorted(set(safety))), ", ".join(needs)
    return f"| {code} | {rule.name} | {rule.scope.value} | {rule.summary} | {fix} | {beyond} |"


def test_the_table_is_that_of_the_code() -> None:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `PIN")]
    assert rows == [row(rule) for rule in RULES]
