"""A service on loopback that speaks the API of OSV, with records that tests fill in, and that misbehaves on request.

    with OsvServer(records) as osv:
        … osv.url …

`uv audit --service-url URL` and `pip-audit --vulnerability-service osv --osv-url URL/v1/query` ask it, too. What is
affected is decided here by the words of the schema, and not by what pinproof makes of them.

    python tests/osv_server.py EXPORT PORT

Source: https://google.github.io/osv.dev/api/ and https://ossf.github.io/osv-schema/#evaluation
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from loopback import LoopbackHandler, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Record = dict[str, Any]


def read_export(path: Path) -> list[Record]:
    """The records of an export: a zip file, or a folder."""
    if path.is_dir():
        return [json.loads(file.read_bytes()) for file in sorted(path.glob("*.json"))]
    with zipfile.ZipFile(path) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]


@dataclass
class Trouble:
    """What is answered instead, so many times; after `delay` seconds.

    `cut`: the server hangs up half-way. `trickle`: each byte takes so many seconds.
    `location`: where a redirect leads to.
    """

    pattern: str
    times: int
    status: int = 200
    body: bytes = b""
    delay: float = 0.0
    cut: bool = False
    trickle: float = 0.0
    location: str = ""


@dataclass
class OsvServer:
    """The service. `page_size` is how many records it names at once."""

    records: list[Record] = field(default_factory=list)
    page_size: int = 1000
    port: int = 0
    asked: list[str] = field(default_factory=list)
    queries: list[list[Record]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    _register: tuple[tuple[int, ...], dict[str, list[Record]]] = ((), {})

    def __enter__(self) -> Self:
        self._server = LoopbackServer(type("Handler", (_Handler,), {"service": self}), self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """The service, as for `--service-url`."""
        return f"http://{self._server.host}"

    def trouble(self, pattern: str, times: int = 1, **how: Any) -> None:
        """Answer the next requests whose path matches otherwise: see `Trouble`."""
        self.troubles.append(Trouble(pattern, times, **how))

    def answer(self, path: str, question: Mapping[str, Any] | None) -> Any:
        """What the service has to say; None for what there is not."""
        if path == "/v1/querybatch" and question is not None:
            queries = question["queries"]
            self.queries.append(queries)
            return {"results": [self._page(query, whole=False) for query in queries]}
        if path == "/v1/query" and question is not None:
            return self._page(question, whole=True)
        identifier = unquote(path.removeprefix("/v1/vulns/"))
        return next((record for record in self.records if record["id"] == identifier), None)

    def _page(self, query: Mapping[str, Any], *, whole: bool) -> Record:
        found = list(self._matching(query))
        start = int(query.get("page_token") or 0)
        shown = found[start : start + self.page_size]
        page: Record = {}
        if shown:
            page["vulns"] = shown if whole else [{"id": r["id"], "modified": r["modified"]} for r in shown]
        if start + self.page_size < len(found):
            page["next_page_token"] = str(start + self.page_size)
        return page

    def _about(self, name: str) -> list[Record]:
        """The records on a project, by a register that is made anew when there are others."""
        known, register = self._register
        if known != (now := tuple(map(id, self.records))):
            register = {}
            for record in self.records:
                for about in {canonicalize_name(a["package"]["name"]) for a in record["affected"]}:
                    register.setdefault(about, []).append(record)
            self._register = (now, register)
        return register.get(canonicalize_name(name), [])

    def _matching(self, query: Mapping[str, Any]) -> Iterable[Record]:
        package = query["package"]
        for record in self._about(package["name"]):
            if "withdrawn" not in record and any(
                _is_affected(affected, package, query.get("version"))
                for affected in record.get("affected", ())
            ):
                yield record


def _is_affected(affected: Record, package: Mapping[str, str], version: str | None) -> bool:
    about = affected.get("package", {})
    if about.get("ecosystem") != package["ecosystem"]:
        return False
    if canonicalize_name(about["name"]) != canonicalize_name(package["name"]):
        return False
    if version is None:
        return True
    wanted = _parsed(version)
    if any(version == one or (wanted and wanted == _parsed(one)) for one in affected.get("versions", ())):
        return True
    return any(_in_range(wanted, each) for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM")


def _in_range(version: Version | None, each: Record) -> bool:
    events = []
    for event in each["events"]:
        ((kind, text),) = event.items()
        parsed = Version("0.dev0") if text == "0" else _parsed(text)
        if parsed is None or version is None:
            return False
        events.append((parsed, kind))
    vulnerable = False
    for at, kind in sorted(events):
        if kind == "introduced" and version >= at:
            vulnerable = True
        if (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            vulnerable = False
    return vulnerable


def _parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


class _Handler(LoopbackHandler):
    service: OsvServer

    def do_GET(self) -> None:
        self._respond(None)

    def do_POST(self) -> None:
        self._respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _respond(self, question: Record | None) -> None:
        self.service.asked.append(self.path)
        trouble = next(
            (t for t in self.service.troubles if t.times and re.search(t.pattern, self.path)), None
        )
        if trouble is not None:
            trouble.times -= 1
            time.sleep(trouble.delay)
        if trouble is not None and (trouble.body or trouble.status != 200):
            status, body = trouble.status, trouble.body
        else:
            status, body = self._answer(question)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if trouble is not None and trouble.location:
            self.send_header("Location", trouble.location)
        self.end_headers()
        if trouble is not None and trouble.cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        if trouble is not None and trouble.trickle:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                time.sleep(trouble.trickle)
            return
        self.wfile.write(body)

    def _answer(self, question: Record | None) -> tuple[int, bytes]:
        found = self.service.answer(self.path, question)
        if found is None:
            return 404, b'{"code": 5, "message": "Bug not found."}'
        return 200, json.dumps(found).encode()


if __name__ == "__main__":
    with OsvServer(read_export(Path(sys.argv[1])), port=int(sys.argv[2])) as running:
        print(running.url, flush=True)
        threading.Event().wait()
