"""The options that every command has."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pinproof.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pinproof.actions.outside import Settings
    from pinproof.model.release import Target
    from pinproof.model.report import Circumstances, Detail

    Option = Callable[[Callable[..., int]], Callable[..., int]]

_PLATFORMS = {"linux": ("linux", "x86_64"), "macos": ("darwin", "arm64"), "windows": ("win32", "AMD64")}


@dataclass(frozen=True, slots=True)
class Common:
    """The options as given."""

    as_of: str | None
    python_version: str | None
    python_platform: str | None
    offline: bool
    index_url: str | None
    extra_index_url: tuple[str, ...]
    cache_dir: str | None
    output_format: str
    quiet: bool
    verbose: bool
    color: str

    @property
    def as_json(self) -> bool:
        """Whether JSON was asked for."""
        return self.output_format == "json"

    def settings(self) -> Settings:
        """What the outside world is set up with. InputError for an option that makes no sense."""
        from pinproof.actions.outside import Settings

        return Settings(
            target=self._target(),
            cache_dir=_cache_dir(self.cache_dir),
            as_of=self._as_of(),
            offline=self.offline,
            index_url=self.index_url or None,
            extra_index_urls=self.extra_index_url,
            uv_platform=None if self._is_this_platform() else self.python_platform,
        )

    def circumstances(self) -> Circumstances:
        """For whom and when the question is asked."""
        from pinproof.model.report import Circumstances

        return Circumstances(self._target(), self._as_of())

    def detail(self, *, explain: bool = False) -> Detail:
        """How much is to be said."""
        from pinproof.model.report import Detail

        return Detail(quiet=self.quiet, verbose=self.verbose, explain=explain)

    def for_python(self, version: str | None) -> Common:
        """The same options for another Python."""
        return replace(self, python_version=version)

    def _target(self) -> Target:
        import platform

        from pinproof.model.release import Target

        python = sys.version_info[:2] if self.python_version is None else _python(self.python_version)
        if self.python_platform is None or self._is_this_platform():
            return Target(python, sys.platform, platform.machine())
        return Target(python, *_PLATFORMS[self.python_platform])

    def _is_this_platform(self) -> bool:
        return self.python_platform is None or _PLATFORMS[self.python_platform][0] == sys.platform

    def _as_of(self) -> datetime | None:
        from pinproof.facts.dates import end_of

        return None if self.as_of is None else end_of(self.as_of)


def common_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options to a command, which gets them as one value."""
    return _with_options(command, ("text", "json"))


def common_options_of_findings(command: Callable[..., int]) -> Callable[..., int]:
    """Those of a command whose answer are findings, which more than people and scripts want to read."""
    return _with_options(command, ("text", "json", "sarif", "github", "markdown"))


def common_options_of_tables(command: Callable[..., int]) -> Callable[..., int]:
    """Those of a command whose answer is a table for people to look at."""
    return _with_options(command, ("text", "json", "markdown", "html"))


def _with_options(command: Callable[..., int], formats: tuple[str, ...]) -> Callable[..., int]:
    @wraps(command)
    def run(**given: Any) -> int:
        common = Common(**{name: given.pop(name) for name in Common.__dataclass_fields__})
        return command(common, **given)

    options: tuple[Option, ...] = (*_BEFORE_FORMAT, _format(formats), *_AFTER_FORMAT)
    wrapped: Callable[..., int] = run
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def _format(choices: tuple[str, ...]) -> Option:
    return click.option(
        "--output-format",
        type=click.Choice(choices),
        default="text",
        show_default=True,
        help="The form of the answer; that of JSON is documented in docs/json.md.",
    )


def options_of_lock(command: Callable[..., int]) -> Callable[..., int]:
    """The same, but for several Pythons, which the command gets as `python_versions`."""

    @wraps(command)
    def run(**given: Any) -> int:
        versions = given.pop("python_version")
        given["python_version"] = versions[0] if versions else None
        common = Common(**{name: given.pop(name) for name in Common.__dataclass_fields__})
        return command(common, python_versions=versions, **given)

    options: tuple[Option, ...] = (*_BEFORE_FORMAT, _format(("text", "json")), *_AFTER_FORMAT)
    wrapped: Callable[..., int] = run
    for option in reversed(options):
        wrapped = (_SEVERAL_PYTHONS if option is _PYTHON else option)(wrapped)
    return wrapped


_PYTHON = click.option(
    "--python-version",
    metavar="X.Y",
    help="The Python that the set is meant for; the default is the one that runs pinproof.",
)
_SEVERAL_PYTHONS = click.option(
    "--python-version",
    metavar="X.Y",
    multiple=True,
    help="The Python that the lock is meant for, instead of all that the project allows. May be repeated, for one"
    " file each.",
)
_BEFORE_FORMAT = (
    click.option(
        "--as-of",
        metavar="DATE",
        help="See the index as it was: a day (2023-10-01, all of it in UTC) or an RFC 3339 time.",
    ),
    _PYTHON,
    click.option(
        "--python-platform",
        type=click.Choice(list(_PLATFORMS)),
        help="The platform that the set is meant for; the default is this one.",
    ),
    click.option("--offline", is_flag=True, envvar="UV_OFFLINE", help="Take everything from the cache."),
    click.option(
        "--index-url",
        metavar="URL",
        envvar=["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"],
        help="The package index (PEP 503 or 691) to use instead of PyPI.",
    ),
    click.option(
        "--extra-index-url",
        metavar="URL",
        multiple=True,
        envvar=["UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"],
        help="A further index, asked before that one. May be repeated.",
    ),
    click.option(
        "--cache-dir",
        metavar="DIR",
        type=click.Path(file_okay=True),
        envvar="PINPROOF_CACHE_DIR",
        help="Where what was downloaded and read is kept.",
    ),
)
_AFTER_FORMAT = (
    click.option("-q", "--quiet", is_flag=True, help="No progress, no remarks: the bare answer."),
    click.option(
        "-v", "--verbose", is_flag=True, help="Say all of it, where else only the first few are named."
    ),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Whether to colour; auto heeds NO_COLOR and FORCE_COLOR.",
    ),
)


def _python(text: str) -> tuple[int, int]:
    from pinproof.judgement.pythons import RELEASED

    found = re.fullmatch(r"(\d+)\.(\d+)", text.strip())
    version = (int(found[1]), int(found[2])) if found else None
    if version not in RELEASED:
        oldest, newest = (".".join(map(str, p)) for p in (min(RELEASED), max(RELEASED)))
        raise InputError(
            f"--python-version {text}: not a Python that can be judged",
            hint=f"Give major and minor, from {oldest} to {newest}.",
        )
    assert version is not None
    return version


def _cache_dir(given: str | None) -> Path:
    if given:
        return Path(given).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("pinproof", appauthor=False)
