"""Run uv to resolve requirements: the one place that knows its options and its way of putting things."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pinproof.errors import InputError, OfflineError, OutsideError, PinproofError
from pinproof.model.policy import Cutoffs, Policy
from pinproof.sources.local_paths import pylock_seen_from, requirements_seen_from
from pinproof.sources.stand_ins import StandIn, restore_files, restore_hashes, rfc3339, write_stand_ins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from pinproof.model.release import Pin


@dataclass(frozen=True, slots=True)
class Solved:
    """A resolution: the bytes of a `pylock.toml` (PEP 751)."""

    pylock: bytes


@dataclass(frozen=True, slots=True)
class Conflict:
    """No resolution, in uv's words.

    `missing` are names that the index does not have. `without_wheel` are packages of which no release could
    be taken because it would have to be built, `unreadable` releases whose metadata uv refuses: a `StandIn` for
    each lets them in. `hints` is what uv adds about releases that it left out.
    """

    explanation: str
    missing: tuple[NormalizedName, ...] = ()
    without_wheel: tuple[NormalizedName, ...] = ()
    unreadable: tuple[tuple[NormalizedName, Version], ...] = ()
    hints: tuple[str, ...] = ()


Resolution = Solved | Conflict


@dataclass(frozen=True, slots=True)
class Order:
    """A lock that uv is to write for a project.

    `files` are what the user named, relative to `folder`, which uv runs in, so that it finds the project's own
    settings; `read` are further files as (how to call it, its requirements) that uv could not read without a
    build. `output` is the name of the lock file, which decides its format, and
    `beside` the folder where it will lie, if that is another. `upgrade` are NAME or NAME==VERSION. `members` are
    the folders of a workspace.
    """

    folder: Path
    files: tuple[str, ...]
    output: str
    read: tuple[tuple[str, tuple[str, ...]], ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    upgrade: tuple[str, ...] = ()
    hashes: bool = False
    annotated: bool = True
    universal: bool = False
    python_version: str | None = None
    cutoffs: Cutoffs = field(default_factory=Cutoffs)
    allow_build: bool = False
    resolution: str = "highest"
    prerelease: str | None = None
    only_binary: tuple[str, ...] = ()
    with_dependencies: bool = True
    beside: Path | None = None
    members: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Yanked:
    """A release in the lock that was yanked (PEP 592): what pins it is the declaration or the lock as it was."""

    name: NormalizedName
    version: Version
    reason: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """The lock file that uv wrote, without a header, and what uv said of the releases in it."""

    content: bytes
    yanked: tuple[Yanked, ...] = ()


@dataclass(frozen=True, slots=True)
class Uv:
    """How uv is run: everything that stays the same from one resolution to the next.

    What is left empty is decided by the user's own uv configuration and environment (`UV_INDEX`, `uv.toml`,
    netrc, keyring). `executable` is that of the `uv` package on PyPI unless given.
    """

    cache_dir: Path | None = None
    offline: bool = False
    default_index: str | None = field(default=None, repr=False)  # may carry credentials
    indexes: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    no_index: bool = False
    options: tuple[str, ...] = ()
    executable: str | None = None
    environment: Mapping[str, str] | None = field(default=None, repr=False)

    def compile(
        self,
        requirements: Sequence[str],
        *,
        constraints: Sequence[str] = (),
        preferences: Sequence[Pin] = (),
        stand_ins: Sequence[StandIn] = (),
        exclude_newer: datetime | None = None,
        python_version: str | None = None,
        python_platform: str | None = None,
        universal: bool = False,
        allow_build: bool = False,
        resolution: str = "highest",
        prerelease: str = "if-necessary-or-explicit",
    ) -> Resolution:
        """Resolve PEP 508 requirements.

        `exclude_newer` (aware) leaves out what was uploaded at that moment or later. `preferences` are taken
        where nothing speaks against them. Unless `allow_build`, no code of any package runs, and releases
        without a wheel for the target do not exist for uv.

        Raises InputError for a requirement or Python version that uv cannot read, OfflineError when the
        network was needed and refused, OutsideError for everything else that keeps uv from answering.
        """
        with tempfile.TemporaryDirectory(prefix="pinproof-") as folder:
            work = Path(folder)
            output = work / "pylock.toml"
            _write_lines(work / "requirements.in", requirements)
            _write_lines(work / "constraints.txt", constraints)
            if preferences:
                output.write_text(as_pylock(preferences), encoding="utf-8")
            wheels = write_stand_ins(work / "stand-ins", stand_ins)
            arguments = [
                *("pip", "compile", "requirements.in", "-c", "constraints.txt"),
                *("-o", output.name, "--format", "pylock.toml", "--no-header"),
                *("--resolution", resolution, "--prerelease", prerelease),
                *_build_options(allow_build),
                *(["--exclude-newer", rfc3339(exclude_newer)] if exclude_newer else []),
                *(["--python-version", python_version] if python_version else []),
                *(["--python-platform", python_platform] if python_platform else []),
                *(["--universal"] if universal else []),
            ]
            failure = self._run(arguments, work, wheels)
            if failure is not None:
                return failure
            return Solved(restore_files(output.read_bytes(), stand_ins))

    def lock(
        self,
        order: Order,
        *,
        added: Sequence[str] = (),
        bounds: Sequence[str] = (),
        overrides: Sequence[str] = (),
        before: bytes = b"",
        stand_ins: Sequence[StandIn] = (),
    ) -> Compiled | Conflict:
        """Resolve a project's own files into a lock file.

        `added` are further requirements, `bounds` constraints; both are told as pinproof's in the file. `overrides`
        replace whatever is required of the same packages, by a release or by the project. `before` is a lock file of
        the same name, whose pins stay where nothing speaks against them. Raises as `compile`.
        """
        with tempfile.TemporaryDirectory(prefix="pinproof-") as folder:
            work = Path(folder)
            output = work / order.output
            if before:
                output.write_bytes(before)
            named = [*order.files]
            for number, (_, requirements) in enumerate((*order.read, ("", tuple(added)))):
                if requirements:
                    path = work / f"{_OWN}-{number if number < len(order.read) else 'added'}.in"
                    _write_lines(path, requirements)
                    named.append(str(path))
            constraints = work / f"{_OWN}-bounds.txt"
            _write_lines(constraints, bounds)
            overriding = work / f"{_OWN}-overrides.txt"
            _write_lines(overriding, overrides)
            wheels = write_stand_ins(work / "stand-ins", stand_ins)
            arguments = [
                *("pip", "compile", *named, "-c", str(constraints), "-o", str(output), "--no-header"),
                *(["--override", str(overriding)] if overrides else []),
                *("--resolution", order.resolution),
                *_build_options(order.allow_build),
                *(f"--only-binary={name}" for name in order.only_binary if order.allow_build),
                *(["--prerelease", order.prerelease] if order.prerelease else []),
                *(f"--extra={name}" for name in order.extras),
                *(f"--group={name}" for name in order.groups),
                *(f"--upgrade-package={one}" for one in order.upgrade),
                *(["--generate-hashes"] if order.hashes else []),
                *([] if order.annotated else ["--no-annotate"]),
                *([] if order.with_dependencies else ["--no-deps"]),
                *_ages(order.cutoffs),
                *(["--python-version", order.python_version] if order.python_version else []),
                *(["--universal"] if order.universal else []),
            ]
            ended = self._ended(arguments, order.folder, wheels)
            if isinstance(ended, Conflict):
                return ended
            content = restore_files(output.read_bytes(), stand_ins)
            if order.hashes:
                content = restore_hashes(content, stand_ins, wheels)
            place = order.beside or order.folder
            if order.output.endswith(".toml"):
                content = pylock_seen_from(place, content, work)
            else:
                content = requirements_seen_from(place, content, order.members)
            named_content = _with_our_names(content, [label for label, _ in order.read])
            return Compiled(named_content, tuple(_yanked(ended)))

    def lock_project(
        self,
        folder: Path,
        *,
        policy: Policy,
        cutoffs: Cutoffs | None = None,
        upgrade: Sequence[str] | None = (),
    ) -> Conflict | None:
        """`uv lock` of the project in a folder, without building anything; `upgrade` None is everything.

        Without `cutoffs` uv is told the ages of the policy as they are written, and so keeps a span in its lock.

        Raises as `compile`.
        """
        every = ["--upgrade"] if upgrade is None else [f"--upgrade-package={name}" for name in upgrade]
        arguments = [
            *("lock", "--no-build", "--no-python-downloads", *every),
            *(policy.ages_as_written() if cutoffs is None else _ages(cutoffs)),
            *(["--prerelease", policy.prerelease] if policy.prerelease else []),
            *(["--resolution", policy.resolution] if policy.resolution else []),
        ]
        return self._run(arguments, folder, None)

    def exported(self, folder: Path, *, exclude_newer: datetime | None, whole: bool) -> bytes:
        """What the `uv.lock` of a folder pins for all extras and groups, as `pylock.toml` (PEP 751).

        `whole`: of all members of the workspace, which uv refuses where the lock has conflicts.
        """
        with tempfile.TemporaryDirectory(prefix="pinproof-") as work:
            output = Path(work) / "pylock.toml"
            arguments = [
                *("export", "--frozen", "--format", "pylock.toml", "--all-extras", "--all-groups"),
                *(
                    "--no-emit-project",
                    "--no-header",
                    "--no-build",
                    "--no-python-downloads",
                    "-o",
                    str(output),
                ),
                *(["--all-packages"] if whole else []),
                *(["--exclude-newer", rfc3339(exclude_newer)] if exclude_newer else []),
            ]
            failure = self._run(arguments, folder, None)
            if failure is not None:
                raise OutsideError(f"uv.lock cannot be read: {failure.explanation}")
            return pylock_seen_from(folder, output.read_bytes(), Path(work))

    def make_environment(self, folder: Path, python: str) -> None:
        """An empty virtual environment of a Python like `3.11`. OutsideError where this machine has none."""
        arguments = ["venv", str(folder), "--python", python, "--no-python-downloads", "--no-project"]
        try:
            self._run(arguments, folder.parent, None)
        except OutsideError as error:
            message = f"there is no Python {python} on this machine to run this with"
            if "No interpreter found" not in error.message:
                message += f", as far as uv can tell: {error.message.removeprefix(_UNRESOLVED)}"
            raise OutsideError(message, hint=f"Install one: `uv python install {python}`.") from error

    def sync(self, python: Path, lines: Sequence[str], work: Path) -> None:
        """Install exactly these pinned requirements, whose hashes are checked. OutsideError where that fails."""
        (work / "set.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        arguments = ["pip", "sync", "set.txt", "--python", str(python), "--allow-empty-requirements"]
        try:
            failure = self._run(arguments, work, None)
        except OfflineError:
            raise
        except PinproofError as error:
            reason = error.message.removeprefix(_UNRESOLVED)
            raise OutsideError(f"the set cannot be installed: {reason}") from error
        if failure is not None:
            raise OutsideError(f"the set cannot be installed: {failure.explanation}")

    def would_install(
        self,
        lines: Sequence[str],
        *,
        python_version: str,
        overrides: Sequence[str] = (),
        stand_ins: Sequence[StandIn] = (),
    ) -> Conflict | None:
        """Whether these pinned requirements could be installed together, in a dry run that builds nothing.

        Raises as `compile`.
        """
        with tempfile.TemporaryDirectory(prefix="pinproof-") as folder:
            work = Path(folder)
            _write_lines(work / "set.txt", lines)
            _write_lines(work / "overrides.txt", overrides)
            (work / "target").mkdir()
            arguments = [
                *("pip", "install", "--dry-run", "-r", "set.txt", "--target", "target"),
                *(["--override", "overrides.txt"] if overrides else []),
                *("--python-version", python_version, "--prerelease", "allow"),
                *_build_options(allow_build=False),
            ]
            return self._run(arguments, work, write_stand_ins(work / "stand-ins", stand_ins))

    def _run(self, arguments: Sequence[str], work: Path, wheels: Path | None) -> Conflict | None:
        ended = self._ended([*arguments, "--quiet"], work, wheels)
        return ended if isinstance(ended, Conflict) else None

    def _ended(self, arguments: Sequence[str], work: Path, wheels: Path | None) -> Conflict | str:
        """What uv says on its standard error where it is content."""
        command = [self._find(), *arguments, "--color", "never", "--no-progress", *self.options]
        if self.cache_dir is not None:
            command += ["--cache-dir", str(self.cache_dir.absolute())]
        if self.offline:
            command.append("--offline")
        if self.no_index:
            command.append("--no-index")
        environment = _environment(os.environ if self.environment is None else self.environment)
        environment |= self._index_variables(environment, wheels)
        try:
            done = subprocess.run(  # kills the child when interrupted
                command,
                cwd=work,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
            )
        except OSError as error:
            raise OutsideError(f"uv could not be run: {error}", hint=_REINSTALL) from error
        words = _ANSI.sub("", done.stderr.decode("utf-8", "replace"))
        return words if done.returncode == 0 else _failure(words, done.returncode)

    def _find(self) -> str:
        if self.executable is not None:
            return self.executable
        try:
            with _FINDING:
                from uv import find_uv_bin

                return os.fsdecode(find_uv_bin())
        except FileNotFoundError as error:
            raise OutsideError("uv was not found", hint=_REINSTALL) from error

    def _index_variables(self, given: Mapping[str, str], wheels: Path | None) -> dict[str, str]:
        """Indexes go by environment variables: their credentials would be seen on a command line."""
        find_links = self.find_links or tuple(filter(None, [given.get("UV_FIND_LINKS", "")]))
        if wheels is not None:
            find_links = (*find_links, str(wheels))
        variables = {
            "UV_DEFAULT_INDEX": self.default_index or "",
            "UV_INDEX": " ".join(self.indexes),
            "UV_FIND_LINKS": ",".join(find_links),
        }
        return {name: value for name, value in variables.items() if value}


_OWN = "pinproof"

_FINDING = threading.Lock()
"""The search asks `sysconfig`, which is not ready for two threads that are its first."""


def _with_our_names(content: bytes, labels: Sequence[str]) -> bytes:
    """The comments that say who asked for what, with names for the files that were only there for uv."""

    def named(found: re.Match[str]) -> str:
        which = found[1]
        if which == "bounds.txt":
            return "-c bounds of pinproof"
        return "added by pinproof" if which == "added.in" else f"-r {labels[int(which.removesuffix('.in'))]}"

    text = content.decode("utf-8")
    return re.sub(rf"(?m)-[cr] \S.*?[/\\]{_OWN}-(bounds\.txt|added\.in|\d+\.in)$", named, text).encode()


_REINSTALL = "uv comes with pinproof: install pinproof again, or `pip install uv`."

_EXAMPLES = (
    "A requirement looks like `flask`, `flask>=2,<3` or `flask @ https://example.org/flask-3.0.0.whl`."
)

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

_OWN_DECISIONS = frozenset(
    {
        "UV_BUILD_CONSTRAINT",
        "UV_CONSTRAINT",
        "UV_CUSTOM_COMPILE_COMMAND",
        "UV_EXCLUDE",
        "UV_EXCLUDE_NEWER",
        "UV_FORK_STRATEGY",
        "UV_OVERRIDE",
        "UV_PRERELEASE",
        "UV_PROJECT",
        "UV_PYTHON",
        "UV_RESOLUTION",
        "UV_WORKING_DIR",
        "FORCE_COLOR",
        "RUST_LOG",
    }
)
"""Variables that would change the question or the form of the answer, both of which are decided here."""

_PATHS = ("UV_CACHE_DIR", "UV_CONFIG_FILE")
"""Variables that may hold a path, relative to a folder in which uv is not run."""


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if name not in _OWN_DECISIONS}
    return kept | {name: str(Path(kept[name]).absolute()) for name in _PATHS if kept.get(name)}


def _build_options(allow_build: bool) -> list[str]:
    """When nothing is built any interpreter will do, so that none is searched for or downloaded."""
    if allow_build:
        return []
    return ["--no-build", "--python", sys.executable, "--no-python-downloads"]


def _ages(cutoffs: Cutoffs) -> Iterator[str]:
    """How new releases may be. Whatever the project's own settings say of it, this is what counts."""
    if cutoffs.usual is not None:
        yield f"--exclude-newer={rfc3339(cutoffs.usual)}"
    for name, moment in sorted(cutoffs.packages.items()):
        yield f"--exclude-newer-package={name}={rfc3339(moment) if moment else 'false'}"


def _write_lines(path: Path, requirements: Sequence[str]) -> None:
    """One requirement on each line; a line that is none could be an option or another file to uv."""
    lines = [" ".join(text.split()) for text in requirements]
    for line in lines:
        try:
            Requirement(line)
        except InvalidRequirement as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"cannot read the requirement {line!r}: {reason}", hint=_EXAMPLES) from error
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def as_pylock(pins: Sequence[Pin]) -> str:
    """As much of a pylock.toml as uv needs: it prefers the versions of an output file that is there."""
    packages = (f'[[packages]]\nname = "{p.name}"\nversion = "{p.version}"\n' for p in pins)
    return "\n".join(('lock-version = "1.0"\ncreated-by = "pinproof"\n', *packages))


def _failure(words: str, status: int) -> Conflict:
    """What a failed run means: a conflict is an answer, everything else is raised."""
    if status < 0:
        raise OutsideError(f"uv was killed by signal {-status}")
    start = words.find(_NO_SOLUTION)
    if start >= 0:
        return _conflict(words[start + len(_NO_SOLUTION) :])
    message = _plain(words) or f"uv ended with status {status} and said nothing"
    if "Network connectivity is disabled" in words or "network was disabled" in words:
        raise OfflineError(f"this needs the network: {message}", hint="Run it once without --offline.")
    if _NEEDS_BUILD.search(words):
        raise InputError(f"without a build this cannot be read: {message}", hint=_ALLOW_BUILD)
    if _BAD_INPUT.search(words):
        raise InputError(message)
    raise OutsideError(f"{_UNRESOLVED}{message}")


_UNRESOLVED = "uv could not resolve this: "
_NO_SOLUTION = "No solution found when resolving dependencies"
_BAD_INPUT = re.compile(
    r"Couldn't parse requirement|Failed to parse: |Unsupported requirement|Invalid version request"
    r"|invalid value '|Distribution not found at|Error parsing included file|: Unexpected '|failed to read from file"
    r"|was not found in the project|Requested extra not found|Couldn't parse|Invalid `pyproject"
)
_NEEDS_BUILD = re.compile(r"[Bb]uilding source distributions.* (?:is|are) disabled")
_ALLOW_BUILD = "`--allow-build` lets uv build it, which runs its code."
_MISSING = re.compile(r"(\S+) was not found in the (package registry|provided package locations|cache)")
_WHEELS_REQUIRED = re.compile(r"Wheels are required for `([^`]+)`")
_UNREADABLE = re.compile(r"Metadata for `([^`]+)` \(v([^)]+)\) could not be parsed")
_YANKED = re.compile(r'(?m)^warning: `([^=`\[]+)(?:\[[^\]]*\])?==([^`]+)` is yanked(?: \(reason: "(.*)"\))?$')
_REFUSED = re.compile(r"lack of valid authentication credentials|\b40[13] (?:Unauthorized|Forbidden)")


def _conflict(words: str) -> Conflict:
    explanation, *hints = (_plain(part) for part in re.split(r"\n\s*\n?\s*hint: ", words))
    # A package may be called missing only because nobody could ask for it.
    if any("network was disabled" in " ".join(hint.split()) for hint in hints):
        raise OfflineError(f"this needs the network: {explanation}", hint="Run it once without --offline.")
    if refused := next((hint for hint in hints if _REFUSED.search(hint)), None):
        raise OutsideError(f"the index refused: {refused}", hint="Check its user name and password or token.")
    return Conflict(
        explanation,
        missing=_names(m[1] for m in _MISSING.finditer(" ".join(explanation.split()))),
        without_wheel=_names(m[1] for hint in hints for m in _WHEELS_REQUIRED.finditer(hint)),
        unreadable=tuple(
            (canonicalize_name(m[1]), Version(m[2])) for hint in hints for m in _UNREADABLE.finditer(hint)
        ),
        hints=tuple(h for h in hints if not _WHEELS_REQUIRED.search(h)),
    )


def _yanked(words: str) -> Iterator[Yanked]:
    """The releases of which uv warns, each once."""
    for name, version, reason in dict.fromkeys(_YANKED.findall(words)):
        yield Yanked(canonicalize_name(name), Version(version), reason.strip())


def _names(found: Iterator[str]) -> tuple[NormalizedName, ...]:
    return tuple(dict.fromkeys(canonicalize_name(name.strip("`")) for name in found))


_GLYPHS = "[\u00d7\u2570\u2500\u25b6\u2502\u251c]"
_FRAME = re.compile(rf"^(?:error: |\s*(?:cause: |Caused by: )|\s*{_GLYPHS}+[ \u25b6]*|:)", re.MULTILINE)


def _plain(words: str) -> str:
    """What uv says, without the frame that it draws around them; every line is a sentence."""
    kept = (_FRAME.sub("", line).strip() for line in words.splitlines() if not line.startswith("warning: "))
    return "\n".join(line for line in kept if line and not line.startswith("For more information"))
