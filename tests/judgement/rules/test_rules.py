"""Each rule is what its documentation says: it fires on its example, and its fix gives what to use instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from documented import checked, files_of, put

from pinproof.judgement.fixing import spliced
from pinproof.judgement.rules import RULES
from pinproof.judgement.rules.rule import SECTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from pinproof.judgement.rules.rule import Rule

by_code = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def test_codes_and_names_are_given_once() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


@by_code
def test_documentation_is_whole(rule: Rule) -> None:
    assert all(rule.section(heading) for heading in SECTIONS)
    assert rule.summary.endswith(".")


@by_code
def test_fires_on_its_example(rule: Rule, tmp_path: Path) -> None:
    found = checked(put(files_of(rule.section("Example")), tmp_path), rule)
    assert rule.code in {result.code for result in found.results}


@by_code
def test_every_rule_is_silent_on_what_to_use_instead(rule: Rule, tmp_path: Path) -> None:
    found = checked(put(files_of(rule.section("Use instead")), tmp_path), rule)
    off = {other.code for other in RULES if not other.default and other is not rule}
    assert {result.code for result in found.results} <= off


@by_code
def test_fix_turns_one_into_the_other(rule: Rule, tmp_path: Path) -> None:
    files = files_of(rule.section("Example"))
    found = checked(put(files, tmp_path), rule)
    fixes = [r.finding.fix for r in found.results if r.code == rule.code and r.finding.fix is not None]
    if not fixes:
        assert "no fix" in rule.section("Fix safety")
        return
    edits = [edit for fix in fixes for edit in fix.edits]
    fixed = {path: spliced(text, [e for e in edits if e.path == path]) for path, text in files.items()}
    assert fixed == files_of(rule.section("Use instead"))
