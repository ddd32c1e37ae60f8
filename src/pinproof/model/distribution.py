"""What a distribution puts on the import path and what its metadata says."""

from __future__ import annotations

import msgspec


class Layout(msgspec.Struct, frozen=True, array_like=True):
    """The import names that one archive provides, read from its member names alone.

    `modules` maps an absolute import name to the member that holds its Python source; `stubs` likewise
    for `.pyi`; `extensions` maps compiled modules to the member that holds them, empty where none or several
    do. `packages` are the names whose source is an `__init__`; a parent that appears nowhere is a namespace
    package (PEP 420). `path_hooks` is the text of `.pth` files that run code at start-up.
    """

    modules: dict[str, str]
    stubs: dict[str, str]
    extensions: dict[str, str]
    packages: frozenset[str]
    path_hooks: tuple[str, ...] = ()


class Metadata(msgspec.Struct, frozen=True, array_like=True):
    """The part of core metadata that judgement needs; the texts are as the file has them.

    `requires_dist` are PEP 508 requirements, `entry_points` maps a group to `name -> object reference`.
    """

    name: str
    version: str
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None
    provides_extra: tuple[str, ...] = ()
    entry_points: dict[str, dict[str, str]] = {}
