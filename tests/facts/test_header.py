"""What a lock says about itself, written and read again."""

from __future__ import annotations

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.facts.locks.header import KeptBound, read_bounds, still_true, written_header
from pinproof.model.verdict import Repair

CAP = KeptBound(
    Requirement("b<2"), Repair.CAP, ("a 1 imports b.x (a.py:1), gone", "c 1 uses b.y (c.py:2), gone")
)
ADD = KeptBound(
    Requirement("d"), Repair.ADD, ("a 1 imports d (a.py:3) but requires nothing that provides it",)
)
OUT = KeptBound(Requirement("e!=1"), Repair.EXCLUDE, ("e 1 imports b.x (e.py:1), gone",))
MINE = KeptBound(Requirement("b<3"), Repair.CAP, ("shop 1 calls b.f(x) (src/shop.py:1), gone",))
EVERY = (CAP, ADD, OUT, MINE)


def held(**versions: str) -> dict[object, Version]:
    return {canonicalize_name(name): Version(version) for name, version in versions.items()}


def test_written_and_read_again() -> None:
    text = (
        written_header("pinproof lock x", "For Python 3.11", EVERY)
        + "b==1\n# bound z<1\n#   a 1 uses z.z (z.py)\n"
    )
    assert read_bounds(text) == EVERY
    assert read_bounds("# Somebody else\n" + text) == ()


def test_a_reason_holds_while_its_dependent_is_in_the_set() -> None:
    def kept(used: bool = True, **versions: str) -> list[tuple[str, int]]:
        found = still_true(EVERY, held(**versions), lambda site: used and site.path == "src/shop.py")  # type: ignore[arg-type]
        return [(str(bound.requirement), len(bound.reasons)) for bound in found]

    assert kept(a="1", c="1", e="0") == [("b<2", 2), ("d", 1), ("e!=1", 1), ("b<3", 1)]
    assert kept(a="1", c="2") == [("b<2", 1), ("d", 1), ("b<3", 1)]
    assert kept(used=False, a="2", c="2") == []
