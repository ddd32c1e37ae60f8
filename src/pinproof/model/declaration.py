"""What the files of a project declare, each with the place in the text that says so.

A `Manifest` is one file; a `Declaration` is one requirement in it. Places are spans of characters of the text as it
was read, so that a fix can splice it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NewType

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

FilePath = NewType("FilePath", str)
"""The path of a file relative to the folder that is checked, with slashes."""


def beside(path: FilePath, name: str) -> FilePath:
    """The path of a file that another one names; what leads out of the tree keeps its dots."""
    parts: list[str] = []
    for part in [*path.split("/")[:-1], *name.replace("\\", "/").split("/")]:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return FilePath("/".join(parts))


def name_of(path: str) -> str:
    """The last part of a path with slashes."""
    return path.rstrip("/").rpartition("/")[2]


def folder_of(path: str) -> str:
    """What is before it; empty where there is nothing."""
    return path.rstrip("/").rpartition("/")[0]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` to `end` (exclusive) of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters."""
        return text[self.start : self.end]


class Where(Enum):
    """Where a requirement stands, which decides what is right there."""

    PUBLISHED = "dependency"
    """Becomes `Requires-Dist`: users of the distribution get it."""
    EXTRA = "extra"
    """The same for those who ask for the extra."""
    GROUP = "group"
    """For those who work on the project (PEP 735, poetry's groups, uv's and pdm's dev-dependencies)."""
    BUILD = "build requirement"
    LISTED = "requirement"
    """A line of a requirements file, a Pipfile, the pip part of an environment.yml."""
    CONSTRAINT = "constraint"
    """Bounds what others ask for: constraints files, `constraint-dependencies`, `override-dependencies`."""
    SCRIPT = "script requirement"
    """Of a script of one file (PEP 723)."""
    COMMAND = "command"
    """An argument of `pip install` and its kin: Dockerfiles, workflows, tox and nox."""
    HOOK = "hook requirement"
    """`additional_dependencies` of pre-commit."""

    @property
    def is_published(self) -> bool:
        """Whether the users of a distribution get to feel it."""
        return self in (Where.PUBLISHED, Where.EXTRA)


class Form(Enum):
    """How the version is written, which decides what a fix may put there."""

    PEP508 = "PEP 508"
    TABLE = "table"
    """A name as a key, the version as its value: poetry, Pipfile."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One requirement.

    `text` is as it is written and stands at `span`: in `Form.PEP508` the whole requirement, in `Form.TABLE` the value.
    `requirement` is None where it cannot be read; `problem` says why. `specifier_span` is where its specifier stands
    (empty where there is none, and one could be put), None where it cannot be edited. `part` is the extra, group,
    environment or session. `hashed`: hashes are written with it. `comment` is what stands behind it in its line, or in
    the lines right above.
    """

    span: Span
    text: str
    where: Where
    requirement: Requirement | None = None
    problem: str = ""
    specifier_span: Span | None = None
    part: str = ""
    form: Form = Form.PEP508
    hashed: bool = False
    comment: str = ""

    @property
    def name(self) -> NormalizedName | None:
        """Which project it is about."""
        return None if self.requirement is None else canonicalize_name(self.requirement.name)


@dataclass(frozen=True, slots=True)
class Reference:
    """Another file, or folder, that is named: `-r`, `-c`, `-e`, `file:`; `path` as it is written."""

    span: Span
    path: str
    is_constraint: bool = False
    is_editable: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command that installs: `pip install -r requirements.txt`, `uv sync`, `poetry install`.

    `tool` is as it is called (`pip`, `uv pip`, `uv`, `pipx`, `poetry`, …), `verb` what it is told (`install`, `add`,
    `sync`, …). `options` are its options without their values. `span` is the command with its arguments.
    """

    span: Span
    tool: str
    verb: str
    declarations: tuple[Declaration, ...] = ()
    references: tuple[Reference, ...] = ()
    options: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Image:
    """An image that a container is built from; `name` has no tag and no digest. Stages are none."""

    span: Span
    name: str
    tag: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class HookRepository:
    """A repository of `.pre-commit-config.yaml`; the span is that of its `rev`."""

    span: Span
    url: str
    revision: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is written somewhere, with its place."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file itself, and where if that is known."""

    message: str
    span: Span | None = None


class Kind(Enum):
    """What sort of file declares."""

    PYPROJECT = "pyproject.toml"
    REQUIREMENTS = "requirements"
    CONSTRAINTS = "constraints"
    SETUP_CFG = "setup.cfg"
    SETUP_PY = "setup.py"
    PIPFILE = "Pipfile"
    CONDA = "environment.yml"
    SCRIPT = "script"
    TOX = "tox.ini"
    NOX = "noxfile.py"
    CONTAINER = "Dockerfile"
    WORKFLOW = "workflow"
    HOOKS = ".pre-commit-config.yaml"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one file declares.

    `has_build_system`: it can be built. `dynamic`: what only a build tells (PEP 621). `extras` and `groups` are all
    that it names, with requirements or without. `elsewhere`: what is not taken from an index. `is_standard`: the
    project is declared as PEP 621 says.
    """

    path: FilePath
    kind: Kind
    text: str = field(repr=False)
    declarations: tuple[Declaration, ...] = ()
    commands: tuple[Command, ...] = ()
    images: tuple[Image, ...] = ()
    hooks: tuple[HookRepository, ...] = ()
    includes: tuple[Reference, ...] = ()
    problems: tuple[Problem, ...] = ()
    name: Value | None = None
    requires_python: Value | None = None
    classifiers: tuple[str, ...] = ()
    has_build_system: bool = False
    dynamic: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    elsewhere: frozenset[NormalizedName] = frozenset()
    is_standard: bool = False

    @property
    def every_declaration(self) -> tuple[Declaration, ...]:
        """Those of its commands, too."""
        return (*self.declarations, *(d for c in self.commands for d in c.declarations))
