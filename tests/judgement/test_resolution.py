"""The proof loop, answered from a dictionary: resolve, judge, bound, resolve again."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.judgement.resolution import (
    MAX_ROUNDS,
    Judge,
    Resolve,
    Resolved,
    Unsolvable,
    majors_lost,
    prove,
    tightest,
)
from pinproof.model.release import Pin
from pinproof.model.verdict import Break, How, NoWorkingSet, Outcome, Repair, Severity, Verdict, Works

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FATAL, LATENT, DEPRECATED = Severity.FATAL, Severity.LATENT, Severity.DEPRECATED


@dataclass(frozen=True)
class Rule:
    """`dependent`, in these versions, breaks with these of `dependency` (none of them: it is missing)."""

    severity: Severity
    dependent: str
    versions: frozenset[str]
    dependency: str
    broken: frozenset[str]
    works_with: str | None


def rule(severity: Severity, dependent: str, dependency: str, works_with: str | None) -> Rule:
    """`"a 1 2"` breaks with `"b 3 4"`; `"c"` alone is missing."""
    one, *versions = dependent.split()
    other, *broken = dependency.split()
    return Rule(severity, one, frozenset(versions), other, frozenset(broken), works_with)


@dataclass
class Catalogue:
    """An index, a resolver that takes the newest, and a judge. `optional` come only when they are asked for."""

    versions: Mapping[str, Sequence[str]]
    rules: Sequence[Rule] = ()
    requires: Mapping[tuple[str, str], str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    resolves: int = 0
    judged: list[dict[str, str]] = field(default_factory=list)

    def prove(self, *direct: str) -> Outcome:
        proof = prove(canonicalize_name(name) for name in direct)
        question = next(proof)
        try:
            while True:
                if isinstance(question, Judge):
                    pins = {str(p.name): str(p.version) for p in question.pins}
                    self.judged.append(pins)
                    question = proof.send(self.verdict(pins))
                else:
                    question = proof.send(self.resolve(question))
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    def resolve(self, question: Resolve) -> Resolved | Unsolvable:
        self.resolves += 1
        wanted = {canonicalize_name(r.name) for r in question.added}
        names = [n for n in self.versions if n not in self.optional or n in wanted]
        if unknown := wanted - set(names):
            return Unsolvable(f"there is no {min(unknown)}")
        for chosen in product(*(sorted(self.versions[n], key=Version, reverse=True) for n in names)):
            pins = dict(zip(names, chosen, strict=True))
            own = [Requirement(t) for key, t in self.requires.items() if pins.get(key[0]) == key[1]]
            bounds = [*question.added, *question.constraints, *own]
            if all(pins[r.name] in r.specifier for r in bounds if r.name in pins):
                return Resolved(tuple(Pin(canonicalize_name(n), Version(v)) for n, v in pins.items()))
        return Unsolvable("the requirements contradict each other")

    def verdict(self, pins: Mapping[str, str]) -> Verdict:
        return Verdict(tuple(self._break(r, pins) for r in self.rules if self._applies(r, pins)))

    def _applies(self, one: Rule, pins: Mapping[str, str]) -> bool:
        if pins.get(one.dependent) not in one.versions:
            return False
        return pins[one.dependency] in one.broken if one.dependency in pins else not one.broken

    def _break(self, one: Rule, pins: Mapping[str, str]) -> Break:
        version = pins.get(one.dependency)
        return Break(
            severity=one.severity,
            how=How.IMPORT,
            dependent=canonicalize_name(one.dependent),
            dependent_version=Version(pins[one.dependent]),
            dependency=canonicalize_name(one.dependency),
            dependency_version=None if version is None else Version(version),
            symbol=f"{one.dependency}.x",
            path="x.py",
            line=1,
            works_with=None if one.works_with is None else SpecifierSet(one.works_with),
        )


def bounds_of(outcome: Outcome) -> list[str]:
    return [f"{b.repair} {b.requirement}" for b in outcome.bounds]


def pins_of(outcome: Outcome) -> dict[str, str]:
    assert isinstance(outcome, Works)
    return {str(p.name): str(p.version) for p in outcome.pins}


VERSIONS = {"a": ["1", "2"], "b": ["1", "2", "3"]}


def test_nothing_to_do() -> None:
    catalogue = Catalogue(VERSIONS)
    outcome = catalogue.prove("a")
    assert pins_of(outcome) == {"a": "2", "b": "3"}
    assert (outcome.bounds, len(outcome.rounds), catalogue.resolves) == ((), 1, 1)


def test_a_cap() -> None:
    outcome = Catalogue(VERSIONS, [rule(FATAL, "a 1 2", "b 3", "<3")]).prove("a")
    assert pins_of(outcome) == {"a": "2", "b": "2"}
    assert bounds_of(outcome) == ["cap b<3"]
    assert [len(r.verdict.breaks) for r in outcome.rounds] == [1, 0]
    assert outcome.bounds[0].because[0].symbol == "b.x"


def test_a_floor_is_a_bound_as_any_other() -> None:
    requires = {("a", "2"): "b<3"}
    outcome = Catalogue(VERSIONS, [rule(FATAL, "a 2", "b 1 2", ">=3")], requires).prove("a")
    assert bounds_of(outcome) == ["cap b>=3"]
    assert pins_of(outcome) == {"a": "1", "b": "3"}


def test_two_caps_become_one() -> None:
    rules = [rule(FATAL, "a 2", "b 3", "<3"), rule(FATAL, "c 1", "b 2 3", "<2")]
    outcome = Catalogue({**VERSIONS, "c": ["1"]}, rules).prove("a", "c")
    assert bounds_of(outcome) == ["cap b<2"]
    assert len(outcome.bounds[0].because) == 2


def test_a_requirement_is_added() -> None:
    catalogue = Catalogue(
        {"a": ["1"], "c": ["1", "2"]}, [rule(FATAL, "a 1", "c", "")], optional=frozenset({"c"})
    )
    outcome = catalogue.prove("a")
    assert pins_of(outcome) == {"a": "1", "c": "2"}
    assert bounds_of(outcome) == ["add c"]


def test_a_requirement_is_added_with_its_bound() -> None:
    catalogue = Catalogue(
        {"a": ["1"], "c": ["1", "2"]}, [rule(FATAL, "a 1", "c", "<2")], optional=frozenset({"c"})
    )
    assert pins_of(catalogue.prove("a")) == {"a": "1", "c": "1"}


def test_a_requirement_that_cannot_be_added_excludes_the_release() -> None:
    outcome = Catalogue({"a": ["1", "2"]}, [rule(FATAL, "a 2", "c", "")]).prove("a")
    assert pins_of(outcome) == {"a": "1"}
    assert bounds_of(outcome) == ["exclude a!=2"]


def test_a_cap_that_is_unsolvable_excludes_the_release() -> None:
    catalogue = Catalogue(VERSIONS, [rule(FATAL, "a 2", "b 3", "<3")], {("a", "2"): "b>=3"})
    # The resolver has a way out of its own.
    assert pins_of(catalogue.prove("a")) == {"a": "1", "b": "2"}
    stuck = Catalogue(VERSIONS, [rule(FATAL, "a 2", "b 3", "<3")], {("a", v): "b>=3" for v in "12"})
    outcome = stuck.prove("a")
    assert pins_of(outcome) == {"a": "1", "b": "3"}
    assert bounds_of(outcome) == ["exclude a!=2"]


def test_a_break_of_python_excludes_the_release() -> None:
    outcome = Catalogue(
        {"a": ["1", "2"], "python": ["3.12"]}, [rule(FATAL, "a 2", "python 3.12", "<3.12")]
    ).prove("a")
    assert bounds_of(outcome) == ["exclude a!=2"]


def test_releases_are_excluded_one_after_the_other() -> None:
    rules = [rule(FATAL, f"a {v}", "python 3.12", "<3.12") for v in ("2", "3", "4")]
    outcome = Catalogue({"a": ["1", "2", "3", "4"], "python": ["3.12"]}, rules).prove("a")
    assert pins_of(outcome)["a"] == "1"


def test_no_release_works() -> None:
    outcome = Catalogue(
        {"a": ["1", "2"], "python": ["3.12"]}, [rule(FATAL, "a 1 2", "python 3.12", "<3.12")]
    ).prove("a")
    assert isinstance(outcome, NoWorkingSet)
    assert outcome.reason
    assert outcome.rounds


def test_requirements_that_contradict_each_other() -> None:
    catalogue = Catalogue({"a": ["1"], "b": ["1"]}, requires={("a", "1"): "b>1"})
    outcome = catalogue.prove("a")
    assert isinstance(outcome, NoWorkingSet)
    assert outcome.reason == "the requirements contradict each other"
    assert (outcome.bounds, outcome.rounds, catalogue.judged) == ((), (), [])


@pytest.mark.parametrize("severity", [FATAL, LATENT])
def test_a_break_is_avoided_at_a_low_price(severity: Severity) -> None:
    versions = {"a": ["2.0", "2.1"], "b": ["1", "2"]}
    catalogue = Catalogue(versions, [rule(severity, "a 2.1", "b 2", "<2")], {("a", "2.1"): "b>=2"})
    outcome = catalogue.prove("a")
    assert not outcome.verdict.breaks
    assert pins_of(outcome) == {"a": "2.0", "b": "1"}


def test_a_latent_break_is_tolerated_rather_than_lose_a_major_version() -> None:
    catalogue = Catalogue(VERSIONS, [rule(LATENT, "a 2", "b 3", "<3")], {("a", "2"): "b>=3"})
    outcome = catalogue.prove("a")
    assert pins_of(outcome) == {"a": "2", "b": "3"}
    assert outcome.bounds == ()
    assert [b.severity for b in outcome.verdict.breaks] == [LATENT]
    assert any(r.note.startswith("tolerated") for r in outcome.rounds)


def test_a_fatal_break_is_worth_a_major_version() -> None:
    catalogue = Catalogue(VERSIONS, [rule(FATAL, "a 2", "b 3", "<3")], {("a", "2"): "b>=3"})
    assert pins_of(catalogue.prove("a")) == {"a": "1", "b": "2"}


def test_what_is_not_direct_may_lose_a_major_version_for_a_latent_break() -> None:
    outcome = Catalogue(VERSIONS, [rule(LATENT, "a 2", "b 3", "<3")]).prove("a")
    assert pins_of(outcome) == {"a": "2", "b": "2"}


def test_a_latent_break_that_cannot_be_repaired_is_reported() -> None:
    catalogue = Catalogue({"a": ["1"], "b": ["1"]}, [rule(LATENT, "a 1", "b 1", "<1")])
    outcome = catalogue.prove("a")
    assert pins_of(outcome) == {"a": "1", "b": "1"}
    assert [b.severity for b in outcome.verdict.breaks] == [LATENT]
    assert outcome.bounds == ()


def test_deprecations_are_reported_only() -> None:
    outcome = Catalogue(VERSIONS, [rule(DEPRECATED, "a 2", "b 3", None)]).prove("a")
    assert pins_of(outcome) == {"a": "2", "b": "3"}
    assert outcome.bounds == ()
    assert len(outcome.verdict.breaks) == 1


def test_a_bound_that_uncovers_another_break() -> None:
    rules = [rule(FATAL, "a 2", "b 3", "<3"), rule(FATAL, "c 1", "b 2", "!=2")]
    outcome = Catalogue({**VERSIONS, "c": ["1"]}, rules).prove("a")
    assert pins_of(outcome) == {"a": "2", "b": "1", "c": "1"}
    assert len(outcome.rounds) == 3


def test_majors_lost() -> None:
    before = [Pin(canonicalize_name(n), Version(v)) for n, v in (("a", "2.1"), ("b", "3.0"), ("c", "2.0"))]
    after = [
        Pin(canonicalize_name(n), Version(v))
        for n, v in (("a", "1.9"), ("b", "3.1"), ("c", "1.0"), ("d", "1"))
    ]
    lost = majors_lost(before, after, frozenset(map(canonicalize_name, "ab")))
    assert lost == {"a": (Version("2.1"), Version("1.9"))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("<3,<2", "<2"), ("<3", "<3"), (">=1,<3,<2,!=1.5", "!=1.5,<2,>=1"), ("", ""), ("<10,<9", "<9")],
)
def test_tightest(text: str, expected: str) -> None:
    assert ",".join(sorted(str(tightest(SpecifierSet(text))).split(","))) == expected


_NUMBERS = ["1.0", "1.1", "2.0", "3.0"]
_SOME = st.frozensets(st.sampled_from(_NUMBERS))
_NAME = st.sampled_from(["a", "b", "c"])
_RULES = st.builds(
    Rule,
    st.sampled_from([FATAL, LATENT, DEPRECATED]),
    _NAME,
    _SOME,
    st.sampled_from(["a", "b", "c", "d"]),
    _SOME,
    st.sampled_from(["<1.0", "<1.1", "<2.0", "<3.0", "!=2.0", ">=2.0", "", None]),
).filter(lambda r: r.dependent != r.dependency and not (r.dependency == "d" and r.broken))
_REQUIRES = st.dictionaries(
    st.tuples(_NAME, st.sampled_from(_NUMBERS)),
    st.builds("{}{}".format, _NAME, st.sampled_from(["<2", ">=1.1", ">=3", "!=3.0", "==1.0"])),
    max_size=4,
)
_CATALOGUES = st.builds(
    lambda rules, requires, with_d: Catalogue(
        {"a": _NUMBERS, "b": _NUMBERS, "c": _NUMBERS, **({"d": ["1.0"]} if with_d else {})},
        rules,
        requires,
        frozenset({"d"}),
    ),
    st.lists(_RULES, max_size=6),
    _REQUIRES,
    st.booleans(),
)


@settings(deadline=None, max_examples=300)
@given(_CATALOGUES, st.sets(_NAME, min_size=1))
def test_laws(catalogue: Catalogue, direct: set[str]) -> None:
    outcome = catalogue.prove(*direct)
    assert len(catalogue.judged) <= MAX_ROUNDS
    assert catalogue.resolves <= MAX_ROUNDS * 8
    assert len(outcome.rounds) <= MAX_ROUNDS * 4
    assert all(b.because for b in outcome.bounds)
    keys = [(b.repair, b.requirement.name) for b in outcome.bounds]
    assert len(keys) == len(set(keys))
    if isinstance(outcome, NoWorkingSet):
        assert outcome.reason
        return
    pins = pins_of(outcome)
    assert catalogue.verdict(pins) == outcome.verdict
    assert not outcome.verdict.of(FATAL)
    for bound in outcome.bounds:
        if bound.repair is Repair.ADD or bound.requirement.name in pins:
            assert pins[bound.requirement.name] in bound.requirement.specifier


@settings(deadline=None, max_examples=200)
@given(_CATALOGUES)
def test_the_same_questions_have_the_same_outcome(catalogue: Catalogue) -> None:
    assert catalogue.prove("a") == catalogue.prove("a")
