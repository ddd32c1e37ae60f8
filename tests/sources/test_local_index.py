"""uv resolves against the local index, so that tests of the whole program may rest on it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import uv

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex


@pytest.mark.parametrize(
    "flags", [{}, {"metadata_served": False, "metadata_advertised": False}, {"relative_urls": True}], ids=str
)
def test_uv_resolves(index: LocalIndex, tmp_path: Path, flags: dict[str, bool]) -> None:
    for flag, value in flags.items():
        setattr(index, flag, value)
    index.add("top", "1.0", requires=["below>=1"], uploaded="2020-01-01")
    index.add("below", "1.0", uploaded="2020-01-01")
    index.add("below", "2.0", uploaded="2022-01-01", requires_python=">=3.50")
    index.add("below", "1.5", uploaded="2020-01-05")
    index.add("below", "1.7", uploaded="2020-01-05", yanked="bad")
    index.add("below", "1.8", uploaded="2021-01-05")
    options = ["--index-url", index.url, "--cache-dir", str(tmp_path / "uv"), "--exclude-newer", "2020-06-01"]
    command = [uv.find_uv_bin(), "pip", "compile", "-q", "--no-header", "--no-annotate", *options, "-"]
    done = subprocess.run(command, input="top", text=True, capture_output=True, check=False)
    assert (done.stderr, done.stdout.split()) == ("", ["below==1.5", "top==1.0"])
