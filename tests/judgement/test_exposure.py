"""What keeps a fixed release out: every blocker with its kind and its words, and silence where nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from catalogue import Catalogue, day
from packaging.utils import canonicalize_name

from pinproof.judgement.exposure import ancestors, chains
from pinproof.model.policy import Cutoffs, Policy

if TYPE_CHECKING:
    from pinproof.model.exposure import Blocker, FixedRelease

URLLIB3 = {
    "requests 2.29.0": ["urllib3>=1.21.1,<1.27"],
    "requests 2.30.0": ["urllib3>=1.21.1,<3"],
    "requests 2.31.0": ["urllib3>=1.21.1,<3"],
    "urllib3 1.26.15": [],
    "urllib3 1.26.16": [],
    "urllib3 2.0.5": [],
    "urllib3 2.0.6": [],
    "urllib3 2.1.0": [],
}


def told(blocker: Blocker) -> str:
    """`parent requests 2.29.0 urllib3<1.27 via app>requests until 2.30.0`."""
    words: list[str] = [blocker.kind.value]
    if blocker.ask is not None:
        words += [f"{blocker.ask.dependent} {blocker.ask.version}"] if blocker.ask.dependent else []
        words += [f"line {blocker.ask.at.line}"] if blocker.ask.at else []
        words.append(str(blocker.ask.requirement))
    words += [f"via {'>'.join(blocker.chain)}"] if blocker.chain else []
    words += [f"until {blocker.lifted_in}"] if blocker.lifted_in else []
    words += [f"needed as {blocker.needed}"] if blocker.needed else []
    return " ".join(words)


def words(fixed: tuple[FixedRelease, ...]) -> dict[str, list[str]]:
    return {str(one.version): [told(b) for b in one.blockers] for one in fixed}


def test_the_cap_of_a_parent_with_its_chain_and_when_it_was_lifted() -> None:
    index = Catalogue({**URLLIB3, "app 1.0": ["requests"]})
    world = index.surroundings("app==1.0 requests==2.29.0 urllib3==1.26.15", ["app"])
    assert words(index.fixed(world, "urllib3", "2.0.6 2.1.0")) == {
        "2.0.6": ["parent requests 2.29.0 urllib3<1.27,>=1.21.1 via app>requests until 2.30.0"]
    }


def test_a_parent_that_wants_a_newer_one_still_lets_a_fix_in() -> None:
    index = Catalogue(
        {
            "fastapi 0.70": ["starlette==0.16"],
            "fastapi 0.96": ["starlette>=0.27,<0.28"],
            "fastapi 0.120": ["starlette>=0.40"],
            "starlette 0.16": [],
            "starlette 0.27": [],
            "starlette 0.40": [],
        }
    )
    world = index.surroundings("fastapi==0.70 starlette==0.16", ["fastapi"])
    assert words(index.fixed(world, "starlette", "0.27 0.40")) == {
        "0.27": ["parent fastapi 0.70 starlette==0.16 via fastapi until 0.96"]
    }


def test_each_stretch_of_releases_that_would_do_is_looked_at() -> None:
    index = Catalogue(URLLIB3)
    world = index.surroundings("requests==2.29.0 urllib3==1.26.15", ["requests"])
    fixed = index.fixed(world, "urllib3", "1.26.16 2.0.6 2.1.0")
    assert [(str(f.version), str(f.last), bool(f.blockers)) for f in fixed] == [
        ("1.26.16", "1.26.16", False),
        ("2.0.6", "2.1.0", True),
    ]


def test_all_blockers_are_named() -> None:
    index = Catalogue(
        {**URLLIB3, "botocore 1.0": ["urllib3<2"]},
        uploaded={"urllib3 2.0.6": "2023-10-02", "urllib3 2.1.0": "2023-11-13"},
        pythons={"urllib3 2.0.6": ">=3.12", "urllib3 2.1.0": ">=3.12"},
        yanked=frozenset({"urllib3 2.0.6", "urllib3 2.1.0"}),
        sources_only=frozenset({"urllib3 2.0.6"}),
    )
    world = index.surroundings(
        "botocore==1.0 requests==2.29.0 urllib3==1.26.15",
        ["requests", "urllib3<1.26.16", "botocore"],
        as_of="2023-10-01",
    )
    assert words(index.fixed(world, "urllib3", "2.0.6 2.1.0")) == {
        "2.0.6": [
            "as-of",
            "yanked",
            "requires-python",
            "declaration line 2 urllib3<1.26.16",
            "parent botocore 1.0 urllib3<2 via botocore",
            "parent requests 2.29.0 urllib3<1.27,>=1.21.1 via requests until 2.30.0",
        ]
    }


@pytest.mark.parametrize(
    ("lines", "policy", "blocked"),
    [
        (["lib"], Policy(), True),
        (["lib>=2.0a1"], Policy(), False),
        (["lib"], Policy(prerelease="allow"), False),
        (["lib>=2.0a1"], Policy(prerelease="disallow"), True),
        (["lib>=2.0a1"], Policy(prerelease="if-necessary"), True),
    ],
)
def test_pre_releases(lines: list[str], policy: Policy, blocked: bool) -> None:
    index = Catalogue({"lib 1.0": [], "lib 2.0a1": []})
    world = index.surroundings("lib==1.0", lines, policy=policy)
    fixed = words(index.fixed(world, "lib", "2.0a1"))
    assert ("pre-release" in fixed["2.0a1"]) is blocked


def test_a_cooldown_is_told_apart_from_a_day() -> None:
    index = Catalogue({"lib 1.0": [], "lib 1.1": []}, uploaded={"lib 1.1": "2024-01-05"})
    cooling = Cutoffs(day("2024-01-01"))
    world = index.surroundings("lib==1.0", ["lib"], as_of="2024-01-08", cutoffs=cooling)
    assert words(index.fixed(world, "lib", "1.1")) == {"1.1": ["cooldown"]}
    exempt = Cutoffs(day("2024-01-01"), {canonicalize_name("lib"): None})
    world = index.surroundings("lib==1.0", ["lib"], as_of="2024-01-08", cutoffs=exempt)
    assert words(index.fixed(world, "lib", "1.1")) == {"1.1": []}


def test_no_wheel_for_the_platform() -> None:
    index = Catalogue({"lib 1.0": [], "lib 1.1": []}, sources_only=frozenset({"lib 1.1"}))
    assert words(index.fixed(index.surroundings("lib==1.0", ["lib"]), "lib", "1.1")) == {"1.1": ["no-wheel"]}


def test_what_the_fixed_release_needs_may_be_what_is_kept_out() -> None:
    index = Catalogue(
        {"flask 2.2": ["werkzeug"], "flask 3.0": ["werkzeug>=3"], "werkzeug 2.3": [], "werkzeug 3.0": []}
    )
    world = index.surroundings("flask==2.2 werkzeug==2.3", ["flask", "werkzeug<3"])
    assert words(index.fixed(world, "flask", "3.0")) == {
        "3.0": ["declaration line 2 werkzeug<3 needed as werkzeug>=3"]
    }


def test_what_can_move_with_it_is_no_blocker() -> None:
    index = Catalogue(
        {"flask 2.2": ["werkzeug<3"], "flask 3.0": ["werkzeug>=3"], "werkzeug 2.3": [], "werkzeug 3.0": []}
    )
    world = index.surroundings("flask==2.2 werkzeug==2.3", ["flask"])
    assert words(index.fixed(world, "flask", "3.0")) == {"3.0": []}


def test_of_a_stretch_the_release_with_the_least_in_its_way_stands_for_it() -> None:
    index = Catalogue({"lib 1.0": [], "lib 1.1": [], "lib 1.2": []}, yanked=frozenset({"lib 1.1"}))
    assert words(index.fixed(index.surroundings("lib==1.0", ["lib"]), "lib", "1.1 1.2")) == {"1.2": []}


def test_the_ways_to_a_package() -> None:
    index = Catalogue({"a 1": ["b", "c"], "b 1": ["c"], "c 1": ["d"], "d 1": ["c"], "e 1": []})
    world = index.surroundings("a==1 b==1 c==1 d==1 e==1", ["a", "e"])
    name = canonicalize_name
    assert chains(world.asks)[name("d")] == ("a", "c", "d")
    assert ancestors(name("c"), world.asks) == {"a", "b", "c", "d"}
    assert "zzz" not in chains(world.asks)
