"""Types are made ready to be decoded before there are threads: msgspec crashes where several are the first to do so."""

from __future__ import annotations

import ast
from pathlib import Path

import pinproof

SOURCES = sorted(Path(pinproof.__file__).parent.rglob("*.py"))
IN_ONE_THREAD = {"fact_reader.py", "memory.py"}
"""What is decoded there is decoded by the thread that judges."""


def test_threads_decode_with_decoders_that_are_made_on_import() -> None:
    ad_hoc = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        if path.name not in IN_ONE_THREAD
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("msgspec.msgpack.decode", "msgspec.json.decode")
    ]
    assert ad_hoc == []
