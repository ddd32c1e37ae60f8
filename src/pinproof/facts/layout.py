"""From the member names of an archive to the import names that it provides (PEP 420, 427, 561)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pinproof.facts.source_roots import declared_names, source_members
from pinproof.model.distribution import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_INSTALLED_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
_NOT_IMPORTED = re.compile(r"[^/]+\.(?:data|dist-info|egg-info)/")
_EXTENSION_TAG = re.compile(r"(?:cpython-|cp\d|abi3|pypy|pp\d|graalpy)[\w-]*")
_MAX_PARTS = 100
_COMPILED = ("so", "pyd")
_UNBUILT = ("pyx", "c", "cc", "cpp", "cxx")


class _Source(NamedTuple):
    """A member that makes a module: its import name, and what the member is."""

    name: str
    kind: str
    is_package: bool
    member: str


def read_layout(names: Iterable[str], is_wheel: bool, texts: Mapping[str, str] | None = None) -> Layout:
    """The import names of a wheel, or of a source distribution (`names` without its leading folder).

    `texts` holds the members whose text matters, as far as the caller has read them: `*.pth`, and for source
    distributions `*.egg-info/top_level.txt`. A module can be in `modules` and in `extensions`: Python
    imports the compiled one, the source says what is in it. What a source distribution would compile
    (`.pyx`, `.c`) is an extension. A `NAME-stubs` folder makes nothing importable.
    """
    texts = texts or {}
    members = [name.replace("\\", "/") for name in names if not name.endswith("/")]
    located = list(_wheel_members(members) if is_wheel else source_members(members, texts))
    installed = {path for path, _ in located}
    hooks = {name: text for name, text in texts.items() if _is_path_file(name)}
    for folder in _added_folders(hooks.values()):
        located += [(p.removeprefix(folder), m) for p, m in located if p.startswith(folder)]
    sources = [s for path, member in located if (s := _source(path, member, is_wheel)) is not None]
    layout = _layout(sources, tuple(t for t in hooks.values() if _runs_code(t)))
    declared = () if is_wheel else _declared_only(texts, layout, installed)
    return _with_extensions(layout, declared)


def top_level(layout: Layout) -> tuple[str, ...]:
    """The names to start importing from: the shortest that have source of their own.

    `("flask",)` for flask, `("google.cloud.storage",)` for a part of a namespace. Modules that are there for
    the distribution's own tests, examples or documentation are roots only if there is nothing else.
    """
    known = layout.modules.keys() | layout.extensions.keys()
    roots: set[str] = set()
    for name in known:
        first = name.partition(".")[0]
        roots.add(first if first in known else next(p for p in _prefixes(name) if p in known))
    wanted = {root for root in roots if not is_auxiliary(root)}
    return tuple(sorted(wanted or roots))


_ALWAYS_AUXILIARY = frozenset({"tests", "conftest", "examples", "example", "_examples", "benchmarks", "docs"})
_AUXILIARY_ALONE = _ALWAYS_AUXILIARY | {"setup"}


def is_auxiliary(module_name: str) -> bool:
    """Whether the name is that of a test, an example, a benchmark or documentation code.

    The rule goes by folders, because modules of the same names are real API (`jinja2.tests`,
    `fastapi.openapi.docs`): a component counts if something follows it, or if it is the whole name;
    `conftest` counts anywhere, `setup` only as the whole name. A folder `test` counts only for what is named
    like a test below it (`twisted.test.test_ssl`), because `django.test.client` is for users; `testing`
    never counts. It is a guess about names: a module that importing a root really reaches is not
    auxiliary, whatever its name.
    """
    parts = module_name.split(".")
    *folders, last = parts
    if not folders:
        return last in _AUXILIARY_ALONE
    if last == "conftest" or not _ALWAYS_AUXILIARY.isdisjoint(folders):
        return True
    return "test" in folders and any(_like_a_test(p) for p in parts[parts.index("test") + 1 :])


def _like_a_test(part: str) -> bool:
    return part.startswith("test_") or part.endswith(("_test", "_tests")) or part == "tests"


def _wheel_members(members: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(path below site-packages, member) of everything that is installed there."""
    for member in members:
        path = _INSTALLED_DATA.sub("", member, count=1)
        if not _NOT_IMPORTED.match(path):
            yield path, member


def _source(path: str, member: str, is_wheel: bool) -> _Source | None:
    *folders, filename = path.split("/")
    stem, kind = _stem_and_kind(filename, is_wheel)
    is_package = stem == "__init__"
    parts = folders if is_package else [*folders, stem]
    if not kind or not 0 < len(parts) <= _MAX_PARTS or not all(part.isidentifier() for part in parts):
        return None
    return _Source(".".join(parts), kind, is_package, member)


def _stem_and_kind(filename: str, is_wheel: bool) -> tuple[str, str]:
    """`_core.cpython-311-x86_64-linux-gnu.so` is `_core`, `extension`; an empty kind is no module."""
    stem, _, suffix = filename.rpartition(".")
    if suffix in ("py", "pyi"):
        return stem, suffix
    if suffix in _COMPILED:
        stem, _, tag = stem.partition(".")
        return stem, "extension" if not tag or _EXTENSION_TAG.fullmatch(tag) else ""
    return stem, "extension" if suffix in _UNBUILT and not is_wheel else ""


def _layout(sources: Iterable[_Source], path_hooks: tuple[str, ...]) -> Layout:
    modules: dict[str, str] = {}
    stubs: dict[str, str] = {}
    extensions: dict[str, str] = {}
    packages: set[str] = set()
    # Python takes the package where there is a module of the same name beside it.
    for source in sorted(sources, key=lambda s: not s.is_package):
        if source.kind == "extension":
            # Of several, for Pythons of several kinds, it is not known here which one is meant.
            extensions[source.name] = "" if source.name in extensions else source.member
        else:
            (modules if source.kind == "py" else stubs).setdefault(source.name, source.member)
        if source.is_package and source.kind != "pyi":
            packages.add(source.name)
    return Layout(modules, stubs, extensions, frozenset(packages), path_hooks)


def _declared_only(texts: Mapping[str, str], layout: Layout, installed: set[str]) -> Iterator[str]:
    """Declared names without source: compiled, or put together by the build from other folders."""
    folders = {path.partition("/")[0] for path in installed if "/" in path}
    known = layout.modules.keys() | layout.extensions.keys() | folders
    return (name for name in declared_names(texts) if name not in known)


def _with_extensions(layout: Layout, more: Iterable[str]) -> Layout:
    extensions = layout.extensions | dict.fromkeys(more, "")
    return Layout(layout.modules, layout.stubs, extensions, layout.packages, layout.path_hooks)


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[: i + 1]) for i in range(len(parts)))


def _is_path_file(member: str) -> bool:
    """Only `.pth` files that lie in site-packages itself are read at start-up."""
    return member.endswith(".pth") and "/" not in _INSTALLED_DATA.sub("", member, count=1)


def _runs_code(path_file: str) -> bool:
    return any(line.startswith(("import ", "import\t")) for line in path_file.splitlines())


def _added_folders(path_files: Iterable[str]) -> Iterator[str]:
    """Folders below site-packages that `.pth` files add to the path: `win32/lib/` of pywin32."""
    for text in path_files:
        for raw_line in text.splitlines():
            line = raw_line.strip().replace("\\", "/").strip("/")
            if line and not line.startswith(("#", "import ", "import\t", ".")):
                yield f"{line}/"
