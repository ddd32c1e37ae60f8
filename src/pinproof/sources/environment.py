"""An installed environment, read from disk: which distributions it has, and the text of their members.

Nothing is run and nothing imported. What `.pth` files and `__editable__` finders say is followed as far as it can
be read; a finder that computes is not.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pinproof.errors import ArchiveError, InputError
from pinproof.sources.folders import Folder, content
from pinproof.sources.limits import MAX_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OLD_WAYS = (".egg-info", ".egg", ".egg-link")
_NAME_IT = "Name a virtual environment, its python, or its site-packages folder."


@dataclass(frozen=True, slots=True)
class Site:
    """Where an environment has its packages: the folders in the order of the import path.

    `python` and `platform` are None where the folders do not tell.
    """

    folders: tuple[Path, ...]
    python: tuple[int, int] | None
    platform: str | None


@dataclass(frozen=True, slots=True)
class OnDisk:
    """One installed distribution. `editable` is the folder of its source, `problem` what was not understood.

    `requested`: somebody asked the installer for it by name (REQUESTED, PEP 376). `origin` says where it is from, if
    that is not an index (PEP 610).
    """

    info: str
    folder: Folder
    editable: Path | None = None
    problem: str = ""
    requested: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a folder of packages has. `loose` are the modules of no distribution; `old` was installed as eggs."""

    distributions: tuple[OnDisk, ...]
    loose: Folder
    old: tuple[str, ...]


# Where the packages are


def find_site(path: Path) -> Site:
    """The packages of a virtual environment, of the one that a python belongs to, or in a folder.

    InputError where there is none.
    """
    try:
        if path.is_file():
            return _of_prefix(_prefix_of(path), path)
        if not path.is_dir():
            raise InputError(f"cannot read {path}: there is no such environment", hint=_NAME_IT)
        if (path / "pyvenv.cfg").is_file() or _package_folders(path):
            return _of_prefix(path, path)
        return _of_folder(path)
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot read {path}: {getattr(error, 'strerror', None) or error}", _NAME_IT
        ) from error


def python_of(path: Path) -> Path | None:
    """The python of what `find_site` takes: a file is one itself, a folder has one or lies below one that has."""
    if path.is_file():
        return path.absolute()
    folder = path.absolute()
    for prefix in (folder, *folder.parents[:3]):
        for place in (prefix / "bin" / "python", prefix / "Scripts" / "python.exe"):
            if place.is_file():
                return place
    return None


def _prefix_of(executable: Path) -> Path:
    """What stands above `bin/python`: of a virtual environment it is a link, which must not be followed."""
    prefix = executable.absolute().parent.parent
    if (prefix / "pyvenv.cfg").is_file() or _package_folders(prefix):
        return prefix
    return executable.resolve().parent.parent


def _package_folders(prefix: Path) -> list[Path]:
    patterns = ("lib/python*/site-packages", "lib64/python*/site-packages", "Lib/site-packages")
    more = ("local/lib/python*/dist-packages", "lib/python*/dist-packages")
    found = {p.resolve(): p for pattern in (*more, *patterns) for p in sorted(prefix.glob(pattern))}
    return list(found.values())


def _of_prefix(prefix: Path, named: Path) -> Site:
    configured = _configuration(prefix)
    python = _as_python(configured.get("version_info") or configured.get("version", ""))
    folders = _package_folders(prefix)
    pythons = {found for folder in folders if (found := _python_above(folder)) is not None}
    python = python or _as_python(named.name.removeprefix("python")) or next(iter(pythons), None)
    if len(pythons) > 1 and python not in pythons:
        raise InputError(f"{named}: it has packages of several Pythons", hint="Name one of its pythons.")
    folders = [folder for folder in folders if _python_above(folder) in (None, python)]
    if configured.get("include-system-site-packages", "").lower() == "true" and configured.get("home"):
        base = _package_folders(Path(configured["home"]).parent)
        folders += [folder for folder in base if _python_above(folder) in (None, python)]
    if not folders:
        raise InputError(f"{named}: no environment: it has no site-packages", hint=_NAME_IT)
    return Site(tuple(folders), python, _platform(folders[0]))


def _of_folder(folder: Path) -> Site:
    if not any(folder.glob("*.dist-info")):
        raise InputError(f"{folder}: no environment: nothing is installed in it", hint=_NAME_IT)
    above = folder.absolute().parents
    configured = next((found for parent in above[:3] if (found := _configuration(parent))), {})
    python = _python_above(folder) or _as_python(
        configured.get("version_info") or configured.get("version", "")
    )
    return Site((folder,), python, _platform(folder))


def _configuration(prefix: Path) -> dict[str, str]:
    """What `pyvenv.cfg` says; nothing where there is none."""
    try:
        text = (prefix / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    lines = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, _, value in lines}


def _as_python(text: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _python_above(folder: Path) -> tuple[int, int] | None:
    return _as_python(folder.absolute().parent.name.removeprefix("python"))


def _platform(folder: Path) -> str | None:
    return "win32" if folder.absolute().parent.name == "Lib" else None


# What is in a folder


def read_folder(folder: Path) -> Contents:
    """The distributions in one folder of packages, and what belongs to none of them."""
    files = dict.fromkeys(_files_below(folder))
    owned: set[str] = set()
    distributions = []
    for info in sorted({top for name in files if (top := _first(name)).endswith(".dist-info")}):
        listed = _recorded(folder, info, files)
        owned.update(listed)
        distributions.append(_distribution(folder, info, listed))
    rest = tuple(name for name in files if name not in owned and ".dist-info/" not in name)
    old = {name.partition("/")[0] for name in files}
    return Contents(
        tuple(distributions),
        Folder.of("modules of no distribution", rest, folder),
        tuple(sorted(name for name in old if name.endswith(_OLD_WAYS))),
    )


def _files_below(folder: Path, top: str = "") -> Iterator[str]:
    """Every file, by its path below the folder; what Python compiled, and what no import reaches, is left out."""
    count = 0
    for above, folders, names in os.walk(folder / top):
        relative = Path(above).relative_to(folder).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        folders[:] = sorted(name for name in folders if _is_walked(Path(above), name))
        for name in sorted(names):
            count += 1
            if count > MAX_ENTRIES * 10:
                raise InputError(f"{folder}: too many files to read", hint=_NAME_IT)
            yield prefix + name


def _is_walked(above: Path, name: str) -> bool:
    if name == "__pycache__" or name.startswith(".") or name == "node_modules":
        return False
    return not (above / name / "pyvenv.cfg").exists()


def _recorded(folder: Path, info: str, files: Mapping[str, None]) -> list[str]:
    """The files that RECORD lists and that are there; without RECORD those below the names it declares."""
    text = _text(folder / info / "RECORD")
    own = [name for name in files if name.startswith(f"{info}/")]
    if text:
        with_commas = (row[0].replace("\\", "/") for row in csv.reader(text.splitlines()) if row)
        return list(dict.fromkeys([*own, *(name for name in with_commas if name in files)]))
    tops = set(_text(folder / info / "top_level.txt").split())
    return own + [n for n in files if n.partition("/")[0] in tops or n.removesuffix(".py") in tops]


def _distribution(folder: Path, info: str, listed: list[str]) -> OnDisk:
    said = _direct_url(folder / info)
    source = _editable(said)
    roots: dict[str, Path] = {}
    names = list(listed)
    followed = source is None
    for hook in listed:
        for root, tops in _led_to(folder, hook) if source is not None else ():
            followed = True
            found = [name for name in _importable(root, tops) if name not in names]
            names += found
            roots.update(
                (name.partition("/")[0], tops.get(_top(name), root / _first(name))) for name in found
            )
    problem = "" if followed else "its editable install runs code to find its modules"
    located = Folder.of(info, names, folder, roots)
    origin = _origin(said, source) if f"{info}/direct_url.json" in listed else ""
    return OnDisk(info, located, source, problem, f"{info}/REQUESTED" in listed, origin)


def _direct_url(info: Path) -> dict[str, Any]:
    """What an installer wrote down of a distribution that is from no index (PEP 610); empty where there is nothing."""
    try:
        said = json.loads(_text(info / "direct_url.json") or "{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and isinstance(said.get("url"), str) else {}


def _editable(said: Mapping[str, Any]) -> Path | None:
    """The folder of the source, where the distribution is installed for editing (PEP 660)."""
    try:
        return Path(unquote(urlsplit(said["url"]).path)) if said["dir_info"]["editable"] is True else None
    except (ValueError, KeyError, TypeError):
        return None


def _origin(said: Mapping[str, Any], editable: Path | None) -> str:
    if not said:
        return "installed from a place that its direct_url.json does not tell"
    if editable is not None:
        return f"an editable install of {editable}"
    url = re.sub(r"(?<=://)[^/@\s]+@", "", said["url"])
    repository = said.get("vcs_info")
    commit = repository.get("commit_id", "") if isinstance(repository, dict) else ""
    return f"installed from {url}" + (f" at {commit}" if commit else "")


def _led_to(folder: Path, hook: str) -> Iterator[tuple[Path, dict[str, Path]]]:
    """Folders that a member of an editable install puts on the path, or single names that it maps to places."""
    if "/" in hook:
        return
    if hook.endswith(".pth"):
        for line in _text(folder / hook).splitlines():
            place = folder / line.strip()
            if line.strip() and not line.startswith(("#", "import ", "import\t")) and place.is_dir():
                yield place, {}
    elif hook.startswith("__editable__") and hook.endswith("_finder.py"):
        mapping = _mapping(_text(folder / hook))
        if mapping:
            yield folder, mapping


def _mapping(source: str) -> dict[str, Path]:
    """The literal `MAPPING` of a finder that setuptools wrote: top-level name -> folder, or file without `.py`."""
    try:
        body = ast.parse(source).body
        for statement in body:
            target = statement.target if isinstance(statement, ast.AnnAssign) else None
            if (
                isinstance(target, ast.Name)
                and target.id == "MAPPING"
                and isinstance(statement, ast.AnnAssign)
            ):
                found = ast.literal_eval(statement.value) if statement.value is not None else {}
                return {str(name): Path(str(place)) for name, place in dict(found).items()}
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        pass
    return {}


def _importable(root: Path, mapping: Mapping[str, Path]) -> Iterator[str]:
    """What can be imported from a folder on the path, or from the places of a mapping, as members."""
    if not mapping:
        yield from _importable_below(root)
    for name, place in mapping.items():
        if place.is_dir() and "." not in name:
            yield from (f"{name}/{member}" for member in _files_below(place))
        elif place.with_suffix(".py").is_file() and "." not in name:
            yield f"{name}.py"


_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_NOT_INSTALLED = frozenset(
    {"build", "dist", "docs", "doc", "tests", "test", "examples", "benchmarks", "venv", "env"}
)


def _importable_below(root: Path) -> Iterator[str]:
    """In the folder of the project itself only its packages: beside them lie tests, tools and what was built."""
    if not any((root / name).is_file() for name in _PROJECT_FILES):
        yield from _files_below(root)
        return
    for package in sorted(root.glob("*/__init__.py")):
        if package.parent.name not in _NOT_INSTALLED:
            yield from _files_below(root, package.parent.name)
    yield from sorted(
        p.name for p in root.glob("*.py") if p.name not in ("setup.py", "conftest.py", "noxfile.py")
    )


def _first(name: str) -> str:
    return name.partition("/")[0]


def _top(name: str) -> str:
    return _first(name).removesuffix(".py")


def _text(path: Path) -> str:
    """A small file that tells something; empty where there is none that can be read."""
    try:
        return content(path, path.name).decode("utf-8", "replace")
    except ArchiveError:
        return ""
