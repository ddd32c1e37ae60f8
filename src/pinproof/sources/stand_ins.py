"""Let uv see releases that it would not take: those that it would have to build, and those whose metadata it refuses.

uv, told not to build, takes no release without a wheel, even where the metadata of its source distribution
is static; and it takes none of which a requirement is against the standard (`pytz>=2011k`), as many old ones are. So
it is shown a wheel that holds that metadata, put right, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, canonicalize_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from pinproof.model.distribution import Metadata
    from pinproof.model.release import File


@dataclass(frozen=True, slots=True)
class StandIn:
    """A release with the metadata that was read from it.

    uv is shown a wheel that holds this metadata and nothing else; in the resolution `file`, the source distribution
    or the wheel that was read, takes its place again. It must have a `sha256`.
    """

    metadata: Metadata
    file: File


def write_stand_ins(folder: Path, stand_ins: Sequence[StandIn]) -> Path | None:
    """Write the wheels to a new folder, for `--find-links`; None where there is nothing to write."""
    if not stand_ins:
        return None
    folder.mkdir()
    for stand_in in stand_ins:
        _write_stand_in(folder, stand_in)
    return folder


_LATEST_BUILD = 999999
_WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"


def _write_stand_in(folder: Path, stand_in: StandIn) -> None:
    """A wheel with METADATA and no code (PEP 427): for every platform, or for that of the wheel that it stands for.

    Of two wheels for the same platform, uv takes the one of the later build.
    """
    metadata = stand_in.metadata
    stem = _stem(metadata)
    members = {
        f"{stem}.dist-info/METADATA": _core_metadata(metadata),
        f"{stem}.dist-info/WHEEL": _WHEEL,
    }
    record = "".join(_record_line(path, text) for path, text in members.items())
    with zipfile.ZipFile(_wheel_path(folder, stand_in), "w") as wheel:
        for path, text in {**members, f"{stem}.dist-info/RECORD": record}.items():
            wheel.writestr(path, text)


def _stem(metadata: Metadata) -> str:
    name = canonicalize_name(metadata.name).replace("-", "_")
    return f"{name}-{canonicalize_version(metadata.version, strip_trailing_zero=False).replace('-', '_')}"


def _wheel_path(folder: Path, stand_in: StandIn) -> Path:
    tags = "py2.py3-none-any"
    if stand_in.file.is_wheel:
        tags = f"{_LATEST_BUILD}-{'-'.join(stand_in.file.filename.removesuffix('.whl').split('-')[-3:])}"
    return folder / f"{_stem(stand_in.metadata)}-{tags}.whl"


def _core_metadata(metadata: Metadata) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {metadata.name}", f"Version: {metadata.version}"]
    if metadata.requires_python:
        lines.append(f"Requires-Python: {metadata.requires_python}")
    lines += [f"Provides-Extra: {extra}" for extra in metadata.provides_extra]
    lines += [f"Requires-Dist: {requirement}" for requirement in metadata.requires_dist]
    return "\n".join(" ".join(line.split()) for line in lines) + "\n"


def _record_line(path: str, text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(text.encode())}\n"


_PACKAGE = re.compile(r'(?m)^\[\[packages\]\]\nname = "([^"]+)"\nversion = "([^"]+)"\n(?:(?!\[\[)[^\n]*\n?)*')


def restore_files(pylock: bytes, stand_ins: Sequence[StandIn]) -> bytes:
    """The resolution with the files of the index in place of the wheels that stood in for them."""
    if not stand_ins:
        return pylock
    files = {_key(s.metadata.name, s.metadata.version): s.file for s in stand_ins}

    def put_right(block: re.Match[str]) -> str:
        file = files.get(_key(block[1], block[2]))
        if file is None or "/stand-ins/" not in block[0]:
            return block[0]
        kept = re.sub(r"(?ms)^wheels = \[.*?\]$\n?", "", block[0]).rstrip("\n")
        table = _file_table(file)
        return f"{kept}\n{f'wheels = [{table}]' if file.is_wheel else f'sdist = {table}'}\n\n"

    return _PACKAGE.sub(put_right, pylock.decode()).encode()


_HASHES = re.compile(r"(?: \\\n    --hash=\S+)+")
_UNHASHED = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)[^\\\n]*$")


def restore_hashes(requirements: bytes, stand_ins: Sequence[StandIn], folder: Path | None) -> bytes:
    """A requirements file with the hashes of the files of the index in place of those of the stand-ins."""
    if not stand_ins or folder is None:
        return requirements
    text = requirements.decode()
    for stand_in in stand_ins:
        written = _wheel_path(folder, stand_in)
        digest = hashlib.sha256(written.read_bytes()).hexdigest()
        text = text.replace(f"sha256:{digest}", f"sha256:{stand_in.file.sha256}")
    text = _HASHES.sub(lambda found: "".join(_each_once(found[0])), text)
    files = {_key(s.metadata.name, s.metadata.version): s.file for s in stand_ins}

    def with_hash(line: re.Match[str]) -> str:
        """Of a file whose metadata it has no need of, uv tells no hash."""
        file = files.get(_key(line[1], line[2]))
        return line[0] if file is None else f"{line[0]} \\\n    --hash=sha256:{file.sha256}"

    return _UNHASHED.sub(with_hash, text).encode()


def _each_once(hashes: str) -> list[str]:
    return [f" \\\n{line}" for line in sorted(set(hashes.removeprefix(" \\\n").split(" \\\n")))]


def _key(name: str, version: str) -> tuple[str, str]:
    return canonicalize_name(name), canonicalize_version(version)


def _file_table(file: File) -> str:
    if file.sha256 is None:
        msg = f"a stand-in needs the hash of the file that it stands for: {file.filename}"
        raise ValueError(msg)
    fields = [f'url = "{file.url}"']
    if file.upload_time is not None:
        fields.append(f"upload-time = {rfc3339(file.upload_time)}")
    if file.size is not None:
        fields.append(f"size = {file.size}")
    fields.append(f'hashes = {{ sha256 = "{file.sha256}" }}')
    return f"{{ {', '.join(fields)} }}"


def rfc3339(moment: datetime) -> str:
    """An aware moment as uv takes it, exact to the microsecond: `2023-10-01T00:00:00Z`."""
    if moment.tzinfo is None:
        msg = f"a time without a time zone: {moment}"
        raise ValueError(msg)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
