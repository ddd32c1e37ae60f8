"""The options that say which releases a project wants, each with a key of the same name in `[tool.pinproof]`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from pinproof.model.policy import PRERELEASES, RESOLUTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pinproof.cli.options import Common
    from pinproof.model.policy import Policy

    Command = Callable[..., int]

_OPTIONS = (
    click.option(
        "--exclude-newer",
        metavar="AGE",
        help="Take only what was uploaded before: '7 days' before today, or a day like 2026-01-31.",
    ),
    click.option(
        "--exclude-newer-package",
        metavar="NAME=AGE",
        multiple=True,
        help="The same for one package; NAME=false lets it be as new as it likes. May be repeated.",
    ),
    click.option(
        "--prerelease",
        type=click.Choice(PRERELEASES),
        help="When pre-releases are taken; without it where a requirement names one or there is nothing else.",
    ),
    click.option(
        "--only-binary",
        metavar="NAME",
        multiple=True,
        help="Take only releases of this package that have a wheel; :all: is all. May be repeated.",
    ),
    click.option(
        "--resolution",
        type=click.Choice(RESOLUTIONS),
        help="Which releases to prefer: the newest (highest, the default), or the oldest of what the project itself"
        " requires.",
    ),
)
_NAMES = ("exclude_newer", "exclude_newer_package", "prerelease", "only_binary", "resolution")


def policy_options(command: Command) -> Command:
    """Add the options to a command, which gets them as one value named `policy`."""

    @wraps(command)
    def run(*common: Any, **given: Any) -> int:
        from pinproof.facts.policy import policy_of_options

        said = {name: given.pop(name) for name in _NAMES}
        return command(*common, policy=policy_of_options(**said), **given)

    wrapped: Command = run
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def wanted_of(policy: Policy, asked: Common) -> dict[str, Any]:
    """What `actions.lock.Wanted` holds of a policy: what it comes to today, and which day that is, if it matters."""
    now = datetime.now(UTC)
    as_of = asked.as_of or (now.date().isoformat() if policy.moves else "")
    return {"policy": policy, "cutoffs": policy.cutoffs(asked.circumstances().as_of, now), "as_of": as_of}


def words_of(policy: Policy) -> Iterator[str]:
    """The options that say the same."""
    yield from policy.ages_as_written()
    if policy.prerelease is not None:
        yield f"--prerelease={policy.prerelease}"
    for name in policy.only_binary:
        yield f"--only-binary={name}"
    if policy.resolution is not None and policy.resolution != RESOLUTIONS[0]:
        yield f"--resolution={policy.resolution}"
