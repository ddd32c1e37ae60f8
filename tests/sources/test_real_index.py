"""The same against the real index: pages, ranges, an sdist, and all of it again offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pinproof.model.release import TimesFrom
from pinproof.sources.archive import open_archive
from pinproof.sources.fetch import Fetcher
from pinproof.sources.index import Index

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real_index

FILES = [
    ("flask", "3.0.0", "py3-none-any.whl", "flask/__init__.py"),
    ("scipy", "1.11.4", "cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "scipy/version.py"),
    ("docopt", "0.6.2", ".tar.gz", "docopt.py"),
]


@pytest.mark.parametrize(("name", "version", "ending", "member"), FILES)
def test_a_file(cache: Path, name: str, version: str, ending: str, member: str) -> None:
    texts = []
    for offline in (False, True):
        with Fetcher(cache, offline=offline) as fetcher:
            index = Index(fetcher)
            project = index.project(name)
            release = project.release(Version(version))
            assert release is not None
            assert project.times_from is not TimesFrom.NOWHERE
            assert release.upload_time is not None
            file = next(file for file in release.files if file.filename.endswith(ending))
            assert f"Version: {version}".encode() in index.metadata(file)
            archive = open_archive(file, fetcher)
            archive.ensure([member], fetcher)
            texts.append(dict(archive.read([member]))[member])
            # The wheel of scipy has 36 MB: it must not have been taken whole.
            assert archive.whole.exists() == (name != "scipy")
    assert texts[0] == texts[1] != b""
