"""Environments on disk as installers leave them, made without running one."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from local_index import core_metadata, wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from local_index import LocalIndex


def environment(folder: Path, python: str = "3.11") -> Path:
    """An empty virtual environment; its python cannot be run."""
    (folder / "lib" / f"python{python}" / "site-packages").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").write_text("#!/bin/false\n")
    (folder / "pyvenv.cfg").write_text(f"home = /nowhere/bin\nversion_info = {python}.4\n")
    return folder


def packages(env: Path) -> Path:
    """The folder that it has its packages in."""
    return next(env.glob("lib/python*/site-packages"))


def install(env: Path, content: bytes) -> None:
    """Unpack a wheel."""
    zipfile.ZipFile(io.BytesIO(content)).extractall(packages(env))


def install_pins(env: Path, index: LocalIndex, pins: str, requested: Sequence[str] = ()) -> None:
    """Unpack the wheels that an index has for these pins; some were asked for by name (PEP 376)."""
    for name, _, version in (line.partition("==") for line in pins.split()):
        upload = next(u for u in index.projects[name] if u.filename.split("-")[1] == version)
        install(env, upload.served)
        if name in requested:
            (packages(env) / f"{name.replace('-', '_')}-{version}.dist-info" / "REQUESTED").touch()


def install_editable(
    env: Path, name: str, source: Path, hooks: Mapping[str, str], requires: Sequence[str] = ()
) -> None:
    """What an editable install leaves: the metadata, where the source is, and the hooks to find it."""
    said = json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    files = {**hooks, f"{name}-1.0.dist-info/direct_url.json": said}
    install(env, wheel(name, "1.0", files, core_metadata(name, "1.0", requires))[1])
