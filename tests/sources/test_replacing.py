"""A file is replaced whole, or left as it was."""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING

import pytest

from pinproof.errors import InputError, OutsideError
from pinproof.sources.replacing import replace_file, replace_files, replace_unchanged

if TYPE_CHECKING:
    from pathlib import Path


def test_new_and_old(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    replace_file(path, b"one")
    path.chmod(0o640)
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"one")
    (tmp_path / "link").symlink_to("real")
    replace_file(tmp_path / "link", b"two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"two"


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.chmod", "pathlib.Path.replace"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_any_step_leaves_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, failure: BaseException
) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(step, fail)
    with pytest.raises((OutsideError, KeyboardInterrupt)):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_several_take_their_place_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"before")
    replace, files = pathlib.Path.replace, {new: b"one", old: b"two"}
    with monkeypatch.context() as patch:

        def fail(self: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
            if target == old:
                raise OSError(5, "Input/output error")
            return replace(self, target)

        patch.setattr("pathlib.Path.replace", fail)
        with pytest.raises(OutsideError, match="old: Input/output error"):
            replace_files(files)
    assert (list(tmp_path.iterdir()), old.read_bytes()) == ([old], b"before")
    replace_files(files)
    assert (new.read_bytes(), old.read_bytes()) == (b"one", b"two")
    with pytest.raises(InputError):
        replace_files({new: b"three", tmp_path / "gone" / "x": b""})
    assert new.read_bytes() == b"one"


@pytest.mark.parametrize("name", ["gone/lock", "."])
def test_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        replace_file(tmp_path / name, b"new")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_no_lock(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no regular file"):
        replace_file(tmp_path / "pipe", b"new")


def test_what_has_changed_since_it_was_read_is_left_alone(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"one")
    second.write_bytes(b"else")
    with pytest.raises(InputError, match="second: it has changed in the meantime"):
        replace_unchanged({first: (b"one", b"two"), second: (b"one", b"two")}, tmp_path)
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"else")


def test_what_lies_elsewhere_behind_a_link_is_left_alone(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside").write_bytes(b"one")
    (inside / "link").symlink_to("../outside")
    with pytest.raises(InputError, match="a link to a file outside"):
        replace_unchanged({inside / "link": (b"one", b"two")}, inside)
    assert (tmp_path / "outside").read_bytes() == b"one"


def test_what_is_as_it_was_is_replaced(tmp_path: Path) -> None:
    replace_unchanged({tmp_path / "new": (b"", b"two")}, tmp_path)
    assert (tmp_path / "new").read_bytes() == b"two"
