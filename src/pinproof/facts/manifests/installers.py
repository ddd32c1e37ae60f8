"""The commands that install packages, and what their arguments mean.

Sources: `pip install --help`, `uv help …`, and those of pipx, poetry, pdm, pipenv and pip-tools. Options that take no
value need not be known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache


class Meaning(Enum):
    """What an argument stands for."""

    PACKAGE = auto()
    PACKAGES = auto()
    """Several of them with commas between."""
    PROVIDER = auto()
    """The package that has what is to be run."""
    FILE = auto()
    """A file of requirements."""
    CONSTRAINTS = auto()
    EDITABLE = auto()
    OTHER = auto()


class Operands(Enum):
    """What the arguments are that belong to no option."""

    PACKAGES = auto()
    FIRST_PACKAGE = auto()
    """The first is a package to run, the others are for that."""
    ALL_BUT_FIRST = auto()
    FILES = auto()
    COMMAND = auto()
    """Another command, with its arguments."""
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Usage:
    """How a verb of a tool takes its arguments: `values` are the options that take one."""

    operands: Operands
    values: dict[str, Meaning]


def _values(others: str, **meanings: str) -> dict[str, Meaning]:
    named = {option: Meaning[meaning] for meaning, options in meanings.items() for option in options.split()}
    return dict.fromkeys(others.split(), Meaning.OTHER) | named


_PIP = _values(
    "--abi --build-option --cache-dir --cert --client-cert --exists-action --extra-index-url --global-option "
    "--implementation --index-url -i --pypi-url --install-option --keyring-provider --log --log-file --no-binary "
    "--only-binary --platform --prefix --progress-bar --proxy --python --python-version --report --retries --root "
    "--root-user-action --src --source --source-dir --timeout --default-timeout --trusted-host --upgrade-strategy "
    "--use-deprecated --use-feature -C --config-settings --config-setting -d --dest -f --find-links -t --target "
    "-w --wheel-dir -b --build --build-dir --group --hash --uploaded-prior-to --build-constraint",
    FILE="-r --requirement --requirements",
    CONSTRAINTS="-c --constraint --constraints",
    EDITABLE="-e --editable",
)
_UV_COMMON = _values(
    "--extra --no-extra --group --no-group --only-group --cert -t --target --prefix --no-binary --only-binary "
    "--python-version --python-platform --output-format --torch-backend --index --default-index -i --index-url "
    "--extra-index-url -f --find-links --index-strategy --keyring-provider -P --upgrade-package --upgrade-group "
    "--resolution --prerelease --prerelease-package --fork-strategy --exclude-newer --exclude-newer-package "
    "--no-sources-package --reinstall-package --link-mode -C --config-setting --config-settings "
    "--config-settings-package --no-build-isolation-package --no-build-package --no-binary-package --cache-dir "
    "--refresh-package -p --python --color --allow-insecure-host --directory --project --config-file --package "
    "--script --no-install-package --no-editable-package --env-file -b --build-constraints --build-constraint "
    "--excludes -o --output-file --format --annotation-style --custom-compile-command --no-emit-package "
    "-m --marker --optional --bounds --rev --tag --branch --with-executables-from --prune --only-group",
    CONSTRAINTS="-c --constraints --constraint --overrides --override",
    FILE="--with-requirements",
    EDITABLE="--with-editable",
    PACKAGES="-w --with",
)
_UV_FILES = _UV_COMMON | _values("", FILE="-r --requirements --requirement")
_UV_PIP = _UV_FILES | _values("", EDITABLE="-e --editable")
_UVX = _UV_COMMON | _values("", PROVIDER="--from")
_PIPX = _values(
    "--include-resources-from --upgrade-strategy --suffix --python --fetch-python --app --lock --index-url -i "
    "--pip-args --cooldown --backend --output --python-args",
    FILE="-r --requirement",
    PACKAGE="--preinstall --with",
    PROVIDER="--spec",
)
_POETRY = _values(
    "-G --group -E --extras --python --platform --markers --source -P --project -C --directory --without --with --only "
    "--optional",
)
_PDM = _values(
    "-p --project -L --lockfile --override -k --skip -G --group --with --without -C --config-setting --venv --env "
    "--env-file --working-dir",
    EDITABLE="-e --editable",
)
_PIPENV = _values(
    "--pypi-mirror --python --extra-pip-args --resolver --categories --extras --config-settings -i --index",
    FILE="-r --requirements",
    EDITABLE="-e --editable",
)
_PIP_SYNC = _values(
    "--pip-args --python-executable -i --index-url --extra-index-url -f --find-links --cert --config"
)
_PIP_COMPILE = _PIP_SYNC | _values(
    "-o --output-file --extra --resolver --upgrade-package -P", CONSTRAINTS="-c --constraint"
)

_USAGES: dict[str, dict[str, Usage]] = {
    "pip": {verb: Usage(Operands.PACKAGES, _PIP) for verb in ("install", "wheel", "download")},
    "uv pip": {
        "install": Usage(Operands.PACKAGES, _UV_PIP),
        "sync": Usage(Operands.FILES, _UV_PIP),
        "compile": Usage(Operands.FILES, _UV_COMMON),
    },
    "uv tool": {
        "install": Usage(Operands.PACKAGES, _UV_COMMON),
        "run": Usage(Operands.FIRST_PACKAGE, _UVX),
    },
    "uv": {
        "add": Usage(Operands.PACKAGES, _UV_FILES),
        "sync": Usage(Operands.NONE, _UV_COMMON),
        "run": Usage(Operands.COMMAND, _UV_COMMON),
    },
    "uvx": {"run": Usage(Operands.FIRST_PACKAGE, _UVX)},
    "pipx": {
        "install": Usage(Operands.PACKAGES, _PIPX),
        "run": Usage(Operands.FIRST_PACKAGE, _PIPX),
        "inject": Usage(Operands.ALL_BUT_FIRST, _PIPX),
    },
    "poetry": {
        "add": Usage(Operands.PACKAGES, _POETRY),
        "install": Usage(Operands.NONE, _POETRY),
        "sync": Usage(Operands.NONE, _POETRY),
        "run": Usage(Operands.COMMAND, _POETRY),
    },
    "pdm": {
        "add": Usage(Operands.PACKAGES, _PDM),
        "install": Usage(Operands.NONE, _PDM),
        "sync": Usage(Operands.NONE, _PDM),
        "run": Usage(Operands.COMMAND, _PDM),
    },
    "pipenv": {
        "install": Usage(Operands.PACKAGES, _PIPENV),
        "sync": Usage(Operands.NONE, _PIPENV),
        "run": Usage(Operands.COMMAND, _PIPENV),
    },
    "pip-sync": {"": Usage(Operands.FILES, _PIP_SYNC)},
    "pip-compile": {"": Usage(Operands.FILES, _PIP_COMPILE)},
    "conda": {
        verb: Usage(
            Operands.COMMAND if verb == "run" else Operands.NONE, _values("-n --name -p --prefix -c --cwd")
        )
        for verb in ("install", "create", "run")
    },
}
_CALLED = {
    **dict.fromkeys(("mamba", "micromamba"), "conda"),
    **dict.fromkeys(("pip-sync", "pip-compile", "uvx", "uv", "pipx", "poetry", "pdm", "pipenv", "conda"), ""),
}
_PIP_NAME = re.compile(r"pip(?:-?\d+(?:\.\d+)*)?")
_PYTHON_NAME = re.compile(
    r"(?:env)?(?:python|pypy|py)(?:w|-?\d+(?:\.\d+)*t?)?|executable|py_?bin", re.IGNORECASE
)
_MODULES = {"pip": "pip", "uv": "uv", "pipx": "pipx", "poetry": "poetry", "pdm": "pdm", "pipenv": "pipenv"}
MAY_INSTALL = re.compile(r"pip|uvx?\b|poetry|pdm|conda|mamba", re.IGNORECASE)
"""Where nothing of this occurs, no command installs."""

WRAPPERS: dict[str, tuple[int, str]] = {
    "sudo": (0, "-u --user -g --group -h --host -p --prompt -C -D -r -t -T -U"),
    "doas": (0, "-u -C"),
    "env": (0, "-u --unset -C --chdir"),
    "nice": (0, "-n --adjustment"),
    "ionice": (0, "-c -n -p"),
    "timeout": (1, "-k --kill-after -s --signal"),
    "gosu": (1, ""),
    "su-exec": (1, ""),
    "xargs": (0, "-n -L -I -P -d -a -E -s --max-args --max-lines --max-procs --arg-file"),
    "xvfb-run": (0, "-e -f -n -s -w"),
    **dict.fromkeys(
        ("time", "exec", "command", "nohup", "eval", "retry", "travis_retry", "builtin"), (0, "")
    ),
}
"""Commands that run another one: how many arguments of their own come first, and which options take a value."""

SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ash"))


def tool_called(name: str) -> str:
    """Which tool a command is, as `pip`, `uv`; `python` for an interpreter; empty for any other."""
    base = re.split(r"[/\\]", name)[-1].removesuffix(".exe").strip("{}")
    if _PIP_NAME.fullmatch(base):
        return "pip"
    if base in _CALLED:
        return _CALLED[base] or base
    return "python" if _PYTHON_NAME.fullmatch(base) else ""


def tool_of_module(module: str) -> str:
    """The tool that `python -m` runs; empty for any other module."""
    return _MODULES.get(module, "")


def takes_a_verb(tool: str) -> bool:
    """Whether the tool is told what to do (`pip install`)."""
    return "" not in _USAGES.get(tool, {}) and tool != "uvx"


def verbs_with_verbs(tool: str) -> frozenset[str]:
    """`pip` and `tool` of `uv`, which are told what to do in their turn."""
    return frozenset(("pip", "tool")) if tool == "uv" else frozenset()


def usage(tool: str, verb: str) -> Usage | None:
    """How it takes its arguments; None for a verb that installs nothing."""
    return _USAGES.get(tool, {}).get(verb)


@cache
def options_before_verb(tool: str) -> frozenset[str]:
    """The options of a tool that take a value, whatever it is told to do."""
    return frozenset(option for one in _USAGES.get(tool, {}).values() for option in one.values)
