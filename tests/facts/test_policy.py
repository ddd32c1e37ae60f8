"""What a project wants of its releases, as `[tool.pinproof]` and options say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pinproof.errors import InputError
from pinproof.facts.dates import span_of
from pinproof.facts.declared import read_policy, read_script
from pinproof.facts.policy import policy_of_options
from pinproof.model.policy import Policy

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7 days", 7),
        ("1 day", 1),
        ("7d", 7),
        ("1 week 2 days", 9),
        ("1w12h", 7.5),
        ("48 hours", 2),
        ("720 minutes", 0.5),
        ("P7D", 7),
        ("p1w", 7),
        ("P1DT12H", 1.5),
        ("PT720M", 0.5),
        ("1 month", None),
        ("1 year", None),
        ("7", None),
        ("days", None),
        ("-7 days", None),
        ("7 days ago", None),
        ("P", None),
        ("P1M", None),
        ("", None),
        ("2026-01-01", None),
    ],
)
def test_spans(text: str, days: float | None) -> None:
    assert span_of(text) == (None if days is None else days * DAY)


def policy(text: str) -> Policy:
    return read_policy(f"[tool.pinproof]\n{text}", "pyproject.toml")


def test_everything_that_can_be_said() -> None:
    said = policy(
        'exclude-newer = "7 days"\n'
        'exclude-newer-package = { Our_Own = false, urllib3 = "2026-01-31" }\n'
        'prerelease = "disallow"\nonly-binary = [":all:", "NumPy"]\nresolution = "lowest-direct"\n'
    )
    assert (said.prerelease, said.only_binary, said.resolution) == (
        "disallow",
        (":all:", "numpy"),
        "lowest-direct",
    )
    cutoffs = said.cutoffs(None, NOW)
    assert cutoffs.usual == NOW - 7 * DAY
    assert dict(cutoffs.packages) == {"our-own": None, "urllib3": datetime(2026, 2, 1, tzinfo=UTC)}
    assert said.moves


def test_a_cooldown_counts_from_the_day_that_is_looked_at() -> None:
    said = policy('exclude-newer = "7 days"\nexclude-newer-package = { a = false, b = 2026-01-31 }\n')
    as_of = datetime(2025, 6, 1, tzinfo=UTC)
    cutoffs = said.cutoffs(as_of, NOW)
    assert cutoffs.usual == as_of - 7 * DAY
    assert dict(cutoffs.packages) == {"a": as_of, "b": as_of}


def test_nothing_said_is_no_limit() -> None:
    assert policy("").cutoffs(None, NOW).usual is None
    assert policy("").cutoffs(NOW, NOW).usual == NOW
    assert not policy('exclude-newer = "2026-01-01"\n').moves
    assert read_policy("[project]\n", "pyproject.toml") == Policy()


def test_what_uv_is_told_counts_where_nothing_else_is_said() -> None:
    text = '[tool.uv]\nexclude-newer = "3 days"\nprerelease = "allow"\nresolution = "nonsense"\n'
    assert read_policy(text, "p").prerelease == "allow"
    assert read_policy(text, "p").resolution is None
    both = read_policy(f'{text}[tool.pinproof]\nexclude-newer = "9 days"\n', "p")
    assert both.exclude_newer is not None
    assert both.exclude_newer.span == 9 * DAY
    assert both.prerelease == "allow"


def test_options_win_key_by_key_and_package_by_package() -> None:
    options = policy_of_options("1 day", ["a=false", "b=2 days"], None, [], "highest")
    table = policy(
        'exclude-newer = "7 days"\nexclude-newer-package = { b = false, c = "3d" }\nprerelease = "allow"\n'
    )
    said = options.over(table)
    cutoffs = said.cutoffs(None, NOW)
    assert cutoffs.usual == NOW - DAY
    assert dict(cutoffs.packages) == {"a": None, "b": NOW - 2 * DAY, "c": NOW - 3 * DAY}
    assert (said.prerelease, said.resolution) == ("allow", "highest")


def test_the_table_of_a_script() -> None:
    text = "import x\n# /// script\n# dependencies = []\n# [tool.pinproof]\n# {}\n# ///\n"
    assert read_script(text.format('prerelease = "allow"'), "x.py").policy.prerelease == "allow"
    with pytest.raises(InputError, match=r"x\.py:5: prereleases of \[tool\.pinproof\]: there is no such key"):
        read_script(text.format('prereleases = "allow"'), "x.py")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('exclude_newer = "7 days"', "pyproject.toml:2: exclude_newer of [tool.pinproof]: there is", "exclude-newer?"),
        ('\nprereleases = "allow"', "pyproject.toml:3: prereleases of", "Did you mean prerelease?"),
        ("cooldown-days = 7", "pyproject.toml:2: cooldown-days of", "There are exclude-newer, "),
        ('exclude-newer = "a week"', "pyproject.toml:2: exclude-newer of [tool.pinproof]: a week: not a", "7 d"),
        ('exclude-newer = "2999-01-01"', "2999-01-01: that is in the future", "Write"),
        ("exclude-newer = 7", "7 is not an age", "Write"),
        ('exclude-newer-package = "7 days"', "not a table", ""),
        ("exclude-newer-package = { a = true }", "a: True is not an age", "Write"),
        ('exclude-newer-package = { "a b" = false }', "'a b' is not the name", ""),
        ('only-binary = "numpy"', "not a list", ":all:"),
        ('only-binary = ["a b"]', "'a b' is not the name", ""),
        ('prerelease = "sometimes"', "'sometimes' is none of disallow, allow, ", ""),
        ("resolution = ['highest']", "is none of highest, lowest-direct", ""),
    ],
)  # fmt: skip
def test_what_makes_no_sense(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as raised:
        policy(text)
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("package", "told"),
    [("urllib3", "not NAME=AGE"), ("urllib3=soon", "--exclude-newer-package: urllib3: soon: not a date")],
)
def test_options_that_make_no_sense(package: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        policy_of_options(None, [package], None, [], None)
