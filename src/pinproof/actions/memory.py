"""What was found out about a set before: the misses that matter.

Which names a set lacks follows from the archives in it, and which of those the baseline lacked, too, follows from
the past; neither changes. So only the misses that came to something are kept, and compared anew each time, because
the releases that work are a matter of the day.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pinproof.judgement.answers import Miss
from pinproof.model.module import FACTS_EDITION, Use
from pinproof.model.verdict import NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pinproof.judgement.answers import Installed
    from pinproof.model.release import Target
    from pinproof.sources.store import Store

_KIND = "misses-6"


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
    tentative: bool


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    misses: tuple[_KeptMiss, ...]
    unprovided: tuple[_KeptMiss, ...]
    not_checked: tuple[tuple[str, str], ...]


class Found(NamedTuple):
    """What a set lacks: misses to be compared with the past, those that are settled, and what could not be read.

    The `unprovided` are imports whose module nothing provides and nothing ever did.
    """

    misses: list[Miss]
    unprovided: list[Miss]
    unread: list[NotChecked]


def set_key(
    distributions: Iterable[Installed], target: Target, roots: Iterable[str], *, complete: bool
) -> str:
    """What the misses of a set follow from: the archives, the target, where the walk starts, and this program."""
    parts = [_edition(), repr((target.python, target.platform, complete)), *sorted(roots), ""]
    parts += [f"{d.name} {d.version} {d.key} {d.own}" for d in distributions]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _edition() -> str:
    """A hash of the code that judges, so that another edition of it never takes over what this one found."""
    digest = hashlib.sha256(FACTS_EDITION.encode())
    for source in sorted(files("pinproof.judgement").iterdir(), key=lambda path: path.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def recall(store: Store, key: str, distributions: Iterable[Installed]) -> Found | None:
    """What is kept under a key; None where nothing is."""
    blob = store.note(_KIND, key)
    if blob is None:
        return None
    kept = msgspec.msgpack.decode(blob, type=_Kept)
    named = {str(d): d for d in distributions}
    return Found(
        [_recalled(m, named) for m in kept.misses],
        [_recalled(m, named) for m in kept.unprovided],
        [NotChecked(name, reason) for name, reason in kept.not_checked],
    )


def _recalled(kept: _KeptMiss, named: Mapping[str, Installed]) -> Miss:
    return Miss(
        severity=kept.severity,
        dependent=named[kept.dependent],
        module=kept.module,
        path=kept.path,
        use=kept.use,
        symbol=kept.symbol,
        owner=named.get(kept.owner),
        message=kept.message,
        reached=kept.reached,
        fails_again=kept.fails_again,
        tentative=kept.tentative,
    )


def keep(store: Store, key: str, found: Found) -> None:
    """Keep what matters of what was found."""
    kept = _Kept(
        tuple(map(_kept, found.misses)),
        tuple(map(_kept, found.unprovided)),
        tuple((n.name, n.reason) for n in found.unread),
    )
    store.put_note(_KIND, key, msgspec.msgpack.encode(kept))


def _kept(miss: Miss) -> _KeptMiss:
    return _KeptMiss(
        severity=miss.severity,
        dependent=str(miss.dependent),
        module=miss.module,
        path=miss.path,
        use=miss.use,
        symbol=miss.symbol,
        owner=str(miss.owner) if miss.owner is not None else "",
        message=miss.message,
        reached=miss.reached,
        fails_again=miss.fails_again,
        tentative=miss.tentative,
    )
