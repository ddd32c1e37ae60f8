"""Fixes belong together as whole: what cannot stay in one file goes from all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pinproof.actions.fix import fix
from pinproof.actions.manifests import read_tree
from pinproof.facts.check_settings import CheckSettings
from pinproof.model.check_report import Checked
from pinproof.model.declaration import FilePath, Span
from pinproof.model.finding import Edit, Finding, Fix, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pinproof.actions.manifests import Tree

FIRST, SECOND = FilePath("requirements.txt"), FilePath("dev-requirements.txt")
TEXT = "click==1\nflask==1\n"
CLICK, FLASK = Span(5, 8), Span(14, 17)


def result(subject: str, *edits: Edit) -> Result:
    return Result(
        "PIN000", "sample", Finding(edits[0].path, None, subject, fix=Fix(subject, edits), subject=subject)
    )


class Sample:
    """A project of two files, and what is found in it while nothing has changed."""

    def __init__(self, root: Path, results: Sequence[Result]) -> None:
        for path in (FIRST, SECOND):
            (root / path).write_text(TEXT)
        self.root, self.results = root, results

    def check(self, overlay: Mapping[FilePath, str]) -> tuple[Tree, Checked]:
        tree = read_tree(self.root, CheckSettings(), overlay)
        return tree, Checked((), () if overlay else tuple(self.results), {}, 2)

    def fixed(self, refused: str = "nothing") -> tuple[set[str], set[str]]:
        """The files that change, and the findings that are left, where a set with `refused` has no solution."""
        found = fix(
            self.root,
            self.check,
            unsafe=False,
            with_changelog=False,
            unsolvable=lambda wanted: "no" if any(refused in one for one in wanted) else "",
        )
        return set(found.files), {one.finding.subject for one, _ in found.checked.not_fixed}


BOTH = result("both", Edit(FIRST, CLICK, ">=1"), Edit(SECOND, CLICK, ">=1"))
ONE = result("one", Edit(SECOND, FLASK, ">=2"))


def test_all_that_can_be_is_fixed(tmp_path: Path) -> None:
    assert Sample(tmp_path, [BOTH, ONE]).fixed() == ({FIRST, SECOND}, set())


@pytest.mark.parametrize(
    ("results", "left"), [([BOTH, ONE], {"both", "one"}), ([BOTH], {"both"}), ([ONE], {"one"})]
)
def test_what_has_no_solution_goes_from_every_file_that_changed_with_it(
    tmp_path: Path, results: list[Result], left: set[str]
) -> None:
    assert Sample(tmp_path, results).fixed(refused=">=") == (set(), left)


def test_what_has_nothing_to_do_with_it_stays(tmp_path: Path) -> None:
    first = result("first", Edit(FIRST, CLICK, ">=1"))
    assert Sample(tmp_path, [first, ONE]).fixed(refused="flask>=2") == ({FIRST}, {"one"})
