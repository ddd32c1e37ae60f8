"""What releases ask of each other and of the rest, by their metadata alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.judgement.answers import Installed
from pinproof.judgement.combining import Combining
from pinproof.model.distribution import Layout, Metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

LINUX = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}


def release(name: str, version: str, *requires: str) -> Installed:
    layout = Layout({}, {}, {}, frozenset())
    metadata = Metadata(name, version, requires)
    return Installed(canonicalize_name(name), Version(version), f"{name}-{version}", layout, metadata)


@pytest.mark.parametrize(
    ("of_a", "of_b", "extras", "excluded", "others"),
    [
        ([], [], "", [], []),
        (["B<2"], [], "", ["B<2"], []),
        (["b>=2"], [], "", [], []),
        (["b>=3a1"], [], "", ["b>=3a1"], []),
        (["Rest_X>1"], ["rest-x>1"], "", [], ["rest-x>1"]),
        (["rest[more]>1,<3"], [], "", [], ["rest[more]<3,>1"]),
        (["rest; python_version < '3.9'"], ["b2; sys_platform == 'linux'"], "", [], ["b2"]),
        (["b<2; sys_platform == 'win32'"], [], "", [], []),
        (["b<2; extra == 'old'"], [], "", [], []),
        (["b<2; extra == 'old'"], [], "old", ["b<2"], []),
        (["b[x]"], ["rest; extra == 'x'"], "", [], ["rest"]),
        (["b[x]"], ["a[y]; extra == 'x'"], "", [], []),
        (["b[x]", "rest; extra == 'y'"], ["a[y]; extra == 'x'"], "", [], ["rest"]),
        (["a[y]>=7", "rest; extra == 'y'"], [], "", [], ["rest"]),
    ],
)
def test_combined(
    of_a: Sequence[str], of_b: Sequence[str], extras: str, excluded: Sequence[str], others: Sequence[str]
) -> None:
    names = [canonicalize_name("a"), canonicalize_name("b")]
    asked = {names[0]: frozenset(filter(None, [extras]))}
    combined = Combining(names, asked, LINUX).of([release("a", "1.0", *of_a), release("b", "2.0", *of_b)])
    assert [str(one.requirement).partition(";")[0] for one in combined.excluded_by] == excluded
    assert list(combined.others) == others
