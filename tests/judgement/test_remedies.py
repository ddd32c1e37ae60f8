"""The smallest change that lets a fix in, searched in a small catalogue: the order, and what must not count as one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from catalogue import Catalogue, day, pins_of
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.judgement.exposure import Surroundings, fixed_releases, named
from pinproof.judgement.remedies import Compare, Compared, Try, smallest_change, smallest_changes
from pinproof.judgement.remedy_cases import Problem, Setting
from pinproof.judgement.resolution import Judge, Resolve, Resolved, Unsolvable, prove
from pinproof.model.exposure import Change, ChangeKind, Stuck, Uses
from pinproof.model.policy import Cutoffs
from pinproof.model.release import Pin
from pinproof.model.verdict import Break, How, NoWorkingSet, Severity, Verdict, Works

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.utils import NormalizedName


def removed(dependent: str, dependency: str, works_with: str) -> Break:
    """`removed("login 0.6", "werkzeug 3.0", "<3")`: a break of every release that does not match."""
    one, version = dependent.split()
    other, gone = dependency.split()
    return Break(
        Severity.FATAL,
        How.IMPORT,
        canonicalize_name(one),
        Version(version),
        canonicalize_name(other),
        Version(gone),
        f"{other}.x",
        f"{one}.py",
        3,
        works_with=SpecifierSet(works_with),
    )


@dataclass
class Searched:
    """A search answered from a catalogue, the proof loop from a list of breaks."""

    index: Catalogue
    world: Surroundings
    breaks: Sequence[Break] = ()
    tries: list[Try] = field(default_factory=list)

    def run(self, name: str, would_do: str, affected: Sequence[str] = ()) -> Change | Stuck:
        wanted = self.index.wanted(self.world, name, would_do)
        setting = Setting(
            self.world,
            self.index,
            pins_of(self.world),
            lambda package, version: f"{package} {version}" in affected,
        )
        search = smallest_change(Problem(wanted, fixed_releases(wanted, self.world, self.index)), setting)
        try:
            question = next(search)
            while True:
                question = search.send(self.answer(question))
        except StopIteration as stop:
            found: Change | Stuck = stop.value
            return found

    def all(self, problems: Sequence[Problem]) -> dict[NormalizedName, Change | Stuck]:
        search = smallest_changes(problems, Setting(self.world, self.index, pins_of(self.world)))
        try:
            question = next(search)
            while True:
                question = search.send(self.answer(question))
        except StopIteration as stop:
            found: dict[NormalizedName, Change | Stuck] = stop.value
            return found

    def answer(self, question: Try | Compare) -> Resolved | Unsolvable | Works | NoWorkingSet | Compared:
        if isinstance(question, Compare):
            uses = Uses(question.parent, question.version, question.dependency, 2)
            pins = {**self.world.pins, question.dependency: question.other}
            return Compared(uses, tuple(self.verdict(pins).breaks))
        self.tries.append(question)
        if not question.proven:
            return self.resolved(question, Resolve((), (), ()))
        proof = prove({named(a) for a in self.world.asks if a.dependent is None})
        asked = next(proof)
        try:
            while True:
                if isinstance(asked, Judge):
                    asked = proof.send(self.verdict({p.name: p.version for p in asked.pins}))
                else:
                    asked = proof.send(self.resolved(question, asked))
        except StopIteration as stop:
            outcome: Works | NoWorkingSet = stop.value
            return outcome

    def resolved(self, question: Try, more: Resolve) -> Resolved | Unsolvable:
        rewritten = {r.line: r.specifier for r in question.rewrites}
        lines = [
            Requirement(f"{a.requirement.name}{rewritten.get(a, a.written)}")
            for a in self.world.asks
            if a.dependent is None
        ]
        bounds = [*question.within, *more.constraints]
        cutoff = self.world.cutoffs.usual
        for entry, when in self.index.uploaded.items():
            name, version = entry.split()
            if cutoff and day(when) >= cutoff and name not in question.exempt:
                bounds.append(Requirement(f"{name}!={version}"))
        preferred = {n: v for n, v in self.world.pins.items() if n not in question.moving}
        found = self.index.resolve([*lines, *more.added], bounds, question.overrides, preferred)
        if found is None:
            return Unsolvable("it contradicts itself")
        return Resolved(tuple(Pin(name, version) for name, version in sorted(found.items())))

    def verdict(self, pins: Mapping[NormalizedName, Version]) -> Verdict:
        return Verdict(
            tuple(
                b
                for b in self.breaks
                if pins.get(b.dependent) == b.dependent_version
                and b.dependency in pins
                and not (b.works_with or SpecifierSet()).contains(pins[b.dependency])
            )
        )


def edits(change: Change | Stuck) -> dict[int, str]:
    assert isinstance(change, Change)
    return {r.line.at.line or 0: r.specifier for r in change.rewrites if r.line.at}


def moved(change: Change | Stuck) -> dict[str, str]:
    assert isinstance(change, Change)
    return {str(m.name): str(m.after) for m in change.moves}


REQUESTS = {
    "requests 2.29.0": ["urllib3<1.27"],
    "requests 2.30.0": ["urllib3<3"],
    "requests 2.31.0": ["urllib3<3"],
    "requests 2.32.0": ["urllib3<3"],
    "urllib3 1.26.15": [],
    "urllib3 2.0.6": [],
    "urllib3 2.1.0": [],
}
AT_HAND = "requests==2.29.0 urllib3==1.26.15"


def search(
    index: Mapping[str, Sequence[str]], pins: str, lines: Sequence[str], breaks: Sequence[Break] = ()
) -> Searched:
    catalogue = Catalogue(index)
    return Searched(catalogue, catalogue.surroundings(pins, lines), breaks)


def test_nothing_has_to_change_where_a_newer_parent_is_allowed() -> None:
    change = search(REQUESTS, AT_HAND, ["requests"]).run("urllib3", "2.0.6 2.1.0")
    assert isinstance(change, Change)
    assert change.kind is ChangeKind.UPGRADE
    assert (str(change.to), edits(change)) == ("2.1.0", {})
    assert moved(change) == {"requests": "2.32.0", "urllib3": "2.1.0"}


def test_a_parent_that_is_pinned_moves_no_further_than_needed() -> None:
    change = search(REQUESTS, AT_HAND, ["requests==2.29.0"]).run("urllib3", "2.0.6 2.1.0")
    assert isinstance(change, Change)
    assert change.kind is ChangeKind.MOVE
    assert edits(change) == {1: "==2.30.0"}


def test_nor_to_a_release_that_is_vulnerable_itself() -> None:
    searched = search(REQUESTS, AT_HAND, ["requests==2.29.0"])
    assert edits(searched.run("urllib3", "2.0.6 2.1.0", ["requests 2.30.0"])) == {1: "==2.31.0"}


def test_a_parent_three_packages_away() -> None:
    index = {**REQUESTS, "sdk 1.0": ["requests<2.30"], "sdk 1.1": ["requests"], "app 1.0": ["sdk"]}
    pins = f"app==1.0 sdk==1.0 {AT_HAND}"
    change = search(index, pins, ["app", "sdk<1.1", "other<2"][:2]).run("urllib3", "2.0.6 2.1.0")
    assert isinstance(change, Change)
    assert (change.kind, edits(change)) == (ChangeKind.MOVE, {2: "<2"})


CAPPED_AGAIN = {
    "app 1.0": ["lib<1.1"],
    "app 1.1": ["lib"],
    "app 1.2": ["lib<1.1"],
    "lib 1.0": [],
    "lib 1.1": [],
}


def test_the_floor_is_raised_where_the_resolver_does_not_come_to_it_by_itself() -> None:
    change = search(CAPPED_AGAIN, "app==1.0 lib==1.0", ["app", "lib>=1.0"]).run("lib", "1.1")
    assert isinstance(change, Change)
    assert (change.kind, edits(change)) == (ChangeKind.RAISE, {2: ">=1.1"})
    assert moved(change) == {"app": "1.1", "lib": "1.1"}


def test_where_it_has_no_line_only_the_lock_holds_it() -> None:
    change = search(CAPPED_AGAIN, "app==1.0 lib==1.0", ["app"]).run("lib", "1.1")
    assert isinstance(change, Change)
    assert (change.kind, edits(change)) == (ChangeKind.UPGRADE, {})
    assert moved(change) == {"app": "1.1", "lib": "1.1"}


WERKZEUG = {
    "flask 2.2": ["werkzeug>=2.2"],
    "login 0.6": ["werkzeug"],
    "werkzeug 2.2.3": [],
    "werkzeug 2.3.7": [],
    "werkzeug 2.3.8": [],
    "werkzeug 3.0.1": [],
}
PINNED = "flask==2.2 login==0.6 werkzeug==2.2.3"
GONE = removed("login 0.6", "werkzeug 3.0.1", "<3")


def test_an_own_cap_is_widened_as_little_as_needed() -> None:
    searched = search(WERKZEUG, PINNED, ["flask", "login", "werkzeug<2.3"], [GONE])
    change = searched.run("werkzeug", "2.3.8 3.0.1")
    assert isinstance(change, Change)
    assert (change.kind, str(change.to), edits(change)) == (ChangeKind.WIDEN, "2.3.8", {3: "<3"})


def test_what_breaks_is_no_fix() -> None:
    searched = search(WERKZEUG, PINNED, ["flask", "login", "werkzeug<2.3"], [GONE])
    change = searched.run("werkzeug", "3.0.1")
    assert isinstance(change, Stuck)
    assert GONE in change.breaks


def test_an_own_pin_and_a_pinned_parent_change_together() -> None:
    lines = ["requests==2.29.0", "urllib3==1.26.15"]
    change = search(REQUESTS, AT_HAND, lines).run("urllib3", "2.0.6 2.1.0")
    assert isinstance(change, Change)
    assert change.kind is ChangeKind.WIDEN
    assert edits(change) == {1: "==2.30.0", 2: "==2.0.6"}


STUBBORN = {"theme 2.0": ["docutils<0.21"], "docutils 0.20": [], "docutils 0.21": []}


def test_a_cap_that_nothing_lifts_is_overridden_where_nothing_breaks() -> None:
    change = search(STUBBORN, "theme==2.0 docutils==0.20", ["theme"]).run("docutils", "0.21")
    assert isinstance(change, Change)
    assert change.kind is ChangeKind.OVERRIDE
    assert [str(r) for r in change.overrides] == ["docutils<0.22,>=0.21"]
    assert [(str(u.parent), u.names) for u in change.uses] == [("theme", 2)]


def test_and_stands_where_something_does() -> None:
    gone = removed("theme 2.0", "docutils 0.21", "<0.21")
    change = search(STUBBORN, "theme==2.0 docutils==0.20", ["theme"], [gone]).run("docutils", "0.21")
    assert change == Stuck("no newer release of theme admits it", (gone,))


def test_an_older_parent_without_the_cap_is_no_way_out() -> None:
    index = {**STUBBORN, "theme 1.0": ["docutils"]}
    index = dict(sorted(index.items()))
    gone = removed("theme 2.0", "docutils 0.21", "<0.21")
    change = search(index, "theme==2.0 docutils==0.20", ["theme"], [gone]).run("docutils", "0.21")
    assert isinstance(change, Stuck)


@pytest.mark.parametrize("needed", [True, False])
def test_a_cooldown_is_lifted_only_where_nothing_older_would_do(needed: bool) -> None:
    index = {"lib 1.0": [], "lib 1.1": [], "lib 1.2": []}
    catalogue = Catalogue(index, uploaded={"lib 1.2": "2024-01-05"})
    world = catalogue.surroundings("lib==1.0", ["lib"], cutoffs=Cutoffs(day("2024-01-01")))
    change = Searched(catalogue, world).run("lib", "1.2" if needed else "1.1 1.2")
    assert isinstance(change, Change)
    assert change.exempt == (("lib",) if needed else ())
    assert str(change.to) == ("1.2" if needed else "1.1")


def test_without_any_fix_nothing_is_tried() -> None:
    searched = search(REQUESTS, AT_HAND, ["requests"])
    assert searched.run("urllib3", "") == Stuck("the index has no newer release of urllib3 that would do")
    assert searched.tries == []


def test_a_fix_of_the_next_line_that_does_not_resolve_is_passed_over() -> None:
    index = {**URLLIB3_OF_TWO_LINES}
    change = search(index, "client==1.0 urllib3==1.26.15", ["client"]).run("urllib3", "1.26.16 2.0.6")
    assert isinstance(change, Change)
    assert (change.kind, str(change.to)) == (ChangeKind.UPGRADE, "2.0.6")


URLLIB3_OF_TWO_LINES = {
    "client 1.0": ["urllib3!=1.26.16"],
    "urllib3 1.26.15": [],
    "urllib3 1.26.16": [],
    "urllib3 2.0.5": [],
    "urllib3 2.0.6": [],
}


def test_several_are_mended_by_one_lock() -> None:
    index = {**REQUESTS, "idna 3.4": [], "idna 3.7": [], **STUBBORN}
    catalogue = Catalogue(index)
    world = catalogue.surroundings(
        f"{AT_HAND} idna==3.4 theme==2.0 docutils==0.20", ["requests", "idna", "theme"]
    )
    gone = removed("theme 2.0", "docutils 0.21", "<0.21")
    searched = Searched(catalogue, world, [gone])
    wanted = [
        catalogue.wanted(world, name, would_do)
        for name, would_do in (("idna", "3.7"), ("urllib3", "2.0.6"), ("docutils", "0.21"))
    ]
    problems = [Problem(one, fixed_releases(one, world, catalogue)) for one in wanted]

    found = searched.all(problems)

    assert {str(n): c.kind.value if isinstance(c, Change) else "stuck" for n, c in found.items()} == {
        "idna": "upgrade-lock",
        "urllib3": "upgrade-lock",
        "docutils": "stuck",
    }
    assert moved(found[canonicalize_name("idna")]) == {"idna": "3.7"}
    assert moved(found[canonicalize_name("urllib3")]) == {"requests": "2.32.0", "urllib3": "2.0.6"}
