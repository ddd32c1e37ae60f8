"""What was found out about a set before: the misses that matter.

Which names a set lacks follows from the archives in it, and which of those the baseline lacked, too, follows from
the past; neither changes. So only the misses that came to something are kept, and compared anew each time, because
the releases that work are a matter of the day.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from pinproof.judgement.misses import Miss
from pinproof.model.module import FACTS_EDITION, Use
from pinproof.model.verdict import NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pinproof.judgement.environment import Environment
    from pinproof.sources.store import Store

_KIND = "misses-2"


class _KeptMiss(msgspec.Struct, frozen=True, array_like=True):
    severity: Severity
    dependent: str
    module: str
    path: str
    use: Use
    symbol: str
    owner: str
    message: str
    reached: bool
    fails_again: bool


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    misses: tuple[_KeptMiss, ...]
    not_checked: tuple[tuple[str, str], ...]


def set_key(environment: Environment, roots: Iterable[str]) -> str:
    """What the misses of a set follow from: the archives, the target, where the walk starts, and this program."""
    target = environment.target
    parts = [_edition(), repr((target.python, target.platform, environment.complete)), *sorted(roots), ""]
    parts += [f"{d.name} {d.version} {d.key} {d.own}" for d in environment.distributions]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _edition() -> str:
    """A hash of the code that judges, so that another edition of it never takes over what this one found."""
    digest = hashlib.sha256(FACTS_EDITION.encode())
    for source in sorted(files("pinproof.judgement").iterdir(), key=lambda path: path.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def recall(store: Store, key: str, environment: Environment) -> tuple[list[Miss], list[NotChecked]] | None:
    """The misses kept under a key, and what could not be read; None where nothing is kept."""
    blob = store.note(_KIND, key)
    if blob is None:
        return None
    kept = msgspec.msgpack.decode(blob, type=_Kept)
    named = {str(d): d for d in environment.distributions}
    misses = [
        Miss(
            severity=m.severity,
            dependent=named[m.dependent],
            module=m.module,
            path=m.path,
            use=m.use,
            symbol=m.symbol,
            owner=named.get(m.owner),
            message=m.message,
            reached=m.reached,
            fails_again=m.fails_again,
        )
        for m in kept.misses
    ]
    return misses, [NotChecked(name, reason) for name, reason in kept.not_checked]


def keep(store: Store, key: str, misses: Iterable[Miss], not_checked: Sequence[NotChecked]) -> None:
    """Keep the misses that matter, and what could not be read."""
    kept = tuple(
        _KeptMiss(
            severity=m.severity,
            dependent=str(m.dependent),
            module=m.module,
            path=m.path,
            use=m.use,
            symbol=m.symbol,
            owner=str(m.owner) if m.owner is not None else "",
            message=m.message,
            reached=m.reached,
            fails_again=m.fails_again,
        )
        for m in misses
    )
    unread = tuple((n.name, n.reason) for n in not_checked)
    store.put_note(_KIND, key, msgspec.msgpack.encode(_Kept(kept, unread)))
