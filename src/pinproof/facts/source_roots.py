"""Where the importable code of a source distribution lies, judged by names alone: no build runs.

The order of trust: `top_level.txt` of setuptools, then the `src/` and `lib/` folders, then the flat layout
without what setuptools' automatic discovery leaves out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_SOURCE_FOLDERS = ("src/", "lib/", "lib3/", "python/", "py/", "python3/")
_NEVER_CODE = frozenset(
    {"benchmarks", "conftest", "doc", "docs", "example", "examples", "noxfile", "setup", "test", "tests"}
)
_SELDOM_CODE = _NEVER_CODE | frozenset(
    """
    benchmark bin build changelog ci debian dist documentation exercise exercises htmlcov include lib man
    manpages news newsfragments notebooks packaging py python python3 requirements samples scripts src testing
    tool tools unit_test unit_tests util utils
    bootstrap conanfile distribute_setup dodo ez_setup fabfile install make manage pavement release
    run_tests runtests setup_helpers setupbase tasks toxfile versioneer
    """.split()  # noqa: SIM905 - sixty lines of one word each read worse
)
_MODULE = re.compile(r"(?P<stem>[A-Za-z_]\w*)(?:\.[\w-]+)?\.(?:py|pyi|pyx|so|pyd)")
_TOP_LEVEL = re.compile(r"(?P<root>(?:[^/]+/)*)[^/]+\.egg-info/top_level\.txt$")


def source_members(members: Sequence[str], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(path below site-packages, member) of what would be installed, as far as names tell."""
    roots = list(_declared(members, texts)) if declared_names(texts) else _guessed(members)
    for member in members:
        for root, top in roots:
            if member.startswith(root) and _belongs(member[len(root) :], top):
                yield member[len(root) :], member
                break


def declared_names(texts: Mapping[str, str]) -> dict[str, str]:
    """The names in `top_level.txt`, each with the folder that the `.egg-info` lies in (`""` or `src/`).

    Only the outermost such file counts: others belong to test data.
    """
    found = [(match["root"] or "", text) for path, text in texts.items() if (match := _TOP_LEVEL.match(path))]
    outermost = min((root.count("/") for root, _ in found), default=0)
    return {
        name: root
        for root, text in found
        if root.count("/") == outermost
        for name in text.split()
        if name.isidentifier()
    }


def _belongs(path: str, top: str) -> bool:
    first, slash, _ = path.partition("/")
    return first == top if slash else first.partition(".")[0] == top


def _declared(members: Sequence[str], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The (root, name) pairs of the declared names for which there is something."""
    for name, beside in declared_names(texts).items():
        roots = dict.fromkeys((beside, "", *_SOURCE_FOLDERS, *_folders_holding(members, name)))
        root = next((r for r in roots if _has(members, r, name)), None)
        if root is not None:
            yield root, name


def _folders_holding(members: Iterable[str], name: str) -> Iterator[str]:
    """Any folder with a package or module of that name, the shallowest first."""
    ends = (f"/{name}/__init__.py", f"/{name}.py")
    found = (m[: m.rindex(f"/{name}") + 1] for m in members if m.endswith(ends))
    return iter(sorted(found, key=lambda folder: (folder.count("/"), folder)))


def _has(members: Iterable[str], root: str, name: str) -> bool:
    folder, module = (
        f"{root}{name}/",
        re.compile(re.escape(f"{root}{name}") + r"\.(?:[\w-]+\.)?(?:pyx?|so|pyd)"),
    )
    return any(module.fullmatch(m) or (m.startswith(folder) and m.endswith((".py", ".pyx"))) for m in members)


def _guessed(members: Sequence[str]) -> list[tuple[str, str]]:
    """The (root, name) pairs of the first place that holds code."""
    for root in ("src/", "lib/"):
        # A folder with an `__init__` is a package of that name, not a place for packages.
        if f"{root}__init__.py" not in members and (tops := _tops(members, root, excluding=frozenset())):
            return [(root, top) for top in tops]
    for excluding in (_SELDOM_CODE, _NEVER_CODE):
        # Modules beside packages are tools of the project (`versioneer`, `generate_version`).
        tops = _packages(members, excluding) or _tops(members, "", excluding)
        if tops:
            return [("", top) for top in tops]
    return []


def _packages(members: Iterable[str], excluding: frozenset[str]) -> list[str]:
    """The outermost folders that are packages themselves."""
    folders = (m.removesuffix("/__init__.py") for m in members if m.endswith("/__init__.py"))
    return [folder for folder in folders if folder.isidentifier() and folder not in excluding]


def _tops(members: Iterable[str], root: str, excluding: frozenset[str]) -> list[str]:
    """Modules that lie in `root`, and folders that hold a package however far below."""
    found: dict[str, None] = {}
    for member in members:
        if not member.startswith(root):
            continue
        first, slash, rest = member[len(root) :].partition("/")
        module = None if slash else _MODULE.fullmatch(first)
        name = module["stem"] if module else first if rest.endswith("__init__.py") else ""
        if name.isidentifier() and name not in excluding and not name.startswith("test_") and _is_plain(rest):
            found[name] = None
    return list(found)


def _is_plain(rest: str) -> bool:
    """Whether every folder down to the `__init__` can be a package: not `vendor/some-project/x`."""
    return all(part.isidentifier() for part in rest.split("/")[:-1])
