"""Facts of modules: remembered from before, else read from archives, on all cores where it is much."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pinproof.actions.crew import Crew
from pinproof.actions.reading import Order, Part, carry_out, content_hash
from pinproof.errors import ArchiveError
from pinproof.facts.compiled import Strings
from pinproof.model.module import CTables, Mentions, ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pinproof.actions.crew import Task
    from pinproof.sources.archive import Archive
    from pinproof.sources.folders import Folder
    from pinproof.sources.store import Store
    from pinproof.sources.typeshed import Stubs

    Progress = Callable[[int, int], None]
    """Told how many members are done, and how many there are."""
    Meanwhile = Callable[[], bool]
    """Does something that does not take long, and says whether there was anything to do."""

_WORTH_A_POOL = 1.0
"""Seconds of work: to start processes takes half of that."""
_SECONDS = {
    Part.MENTIONS: 0.000_15,
    Part.GIVEN: 0.000_15,
    Part.IMPORTS: 0.000_5,
    Part.OUTLINE: 0.002,
    Part.WHOLE: 0.004,
}
"""What one member takes, more or less."""
_MENTIONS = "mentions-6"
"""As what mentions are kept; another number where they say something else."""
_GIVEN = "given-2"
"""As what it is kept which names are given."""
_IN_TEXTS = "in-texts-1"
"""As what it is kept where names are."""
_YES, _NO = msgspec.msgpack.encode(True), msgspec.msgpack.encode(False)
_FEW = 12
"""Members that are read here rather than sent for."""
_PORTIONS = {Part.MENTIONS: 200, Part.GIVEN: 1000, Part.IMPORTS: 60, Part.OUTLINE: 12, Part.WHOLE: 12}
"""How many members are read at a time."""
_AT_LEAST = {
    Part.MENTIONS: (Part.MENTIONS,),
    Part.IMPORTS: (Part.WHOLE, Part.IMPORTS),
    Part.OUTLINE: (Part.WHOLE, Part.OUTLINE),
    Part.WHOLE: (Part.WHOLE,),
}
"""The parts that say all that a part says, the whole first."""


def _untold(done: int, total: int) -> None:
    """For work that is too short to be told of."""


def _nothing() -> bool:
    """For who only waits."""
    return False


class Wanted(NamedTuple):
    """Members of an archive, by its key."""

    archive: str
    paths: Sequence[str]


def _key(archive: str, part: Part) -> str:
    """The key under which facts of an archive are kept that say no more than a part."""
    return archive if part is Part.WHOLE else f"{archive} {part.value}"


def _members(order: Order) -> list[tuple[Part, str, str]]:
    """What an order reads, one by one."""
    return [(order.part, order.archive.key, path) for path in order.paths]


class FactReader:
    """Facts by archive key and path. `local` gives an archive with the members asked for on disk."""

    def __init__(self, store: Store, local: Callable[[str, Sequence[str]], Archive | Stubs | Folder]) -> None:
        self._store = store
        self._local = local
        self._blobs: dict[str, dict[str, bytes]] = {}
        self._mentions: dict[str, dict[str, Mentions]] = {}
        self._given: dict[str, set[str]] = {}
        self._facts: dict[tuple[str, str], ModuleFacts] = {}
        self._strings: tuple[tuple[str, str], Strings | None] | None = None
        self._decode = msgspec.msgpack.Decoder(ModuleFacts).decode
        self.crew = Crew()
        self._begun: dict[tuple[Part, str, str], Task] = {}
        self._tasks: dict[Task, None] = {}
        self._arrived: list[tuple[str, str]] = []

    def close(self) -> None:
        """Let the workers go."""
        self.crew.close()

    def begin(self) -> None:
        """Start the workers, if there are cores for them: much is going to be read."""
        self.crew.begin()

    def facts(self, archive: str, path: str, part: Part = Part.WHOLE) -> ModuleFacts:
        """What the source of one member says, or at least that part of it."""
        known = self._kept(archive, path, part)
        if known is None:
            self.read([Wanted(archive, (path,))], part)
            known = self._kept(archive, path, part)
            assert known is not None
        key = (_key(archive, known), path)
        if key not in self._facts:
            self._facts[key] = self._decode(self._known(archive, known)[path])
        return self._facts[key]

    def _kept(self, archive: str, path: str, part: Part) -> Part | None:
        """The most that is known of a member or about to be, if that is as much as the part."""
        for more in _AT_LEAST[part]:
            if path in self._known(archive, more):
                return more
            if task := self._begun.get((more, archive, path)):
                self._fetch(task)
                break
        return self.knows(archive, path, part)

    def knows(self, archive: str, path: str, part: Part) -> Part | None:
        """The most that is known of a member already, if that is as much as the part."""
        return next((more for more in _AT_LEAST[part] if path in self._known(archive, more)), None)

    def strings_have(self, archive: str, path: str, module: str, name: str) -> bool | None:
        """Whether a compiled member has a name among its strings (see `facts.compiled`)."""
        return msgspec.msgpack.decode(
            self._noted("string-1", (archive, path, module, name), lambda strings: strings.have(name)),
            type=bool | None,
        )

    def may_give(self, archive: str, path: str, module: str, name: str) -> bool:
        """Whether a compiled member may give a name to anything (see `facts.compiled`), for all that is known."""
        kept = self._noted("gives-1", (archive, path, module, name), lambda strings: strings.may_give(name))
        return msgspec.msgpack.decode(kept, type=bool | None) is not False

    def given(
        self, asked: Iterable[tuple[Wanted, Iterable[str]]], progress: Progress = _untold
    ) -> list[set[str]]:
        """Those of some names that members may give to anything (see `facts.texts`); kept as notes, each by itself."""
        told: list[set[str]] = []
        lacking: list[tuple[Wanted, tuple[str, ...]]] = []
        for want, names in asked:
            kept = {name: self._store.note(_GIVEN, f"{want.archive} {name}") for name in names}
            told.append({name for name, note in kept.items() if note == _YES})
            lacking.append((want, tuple(name for name, note in kept.items() if note is None)))
        orders = [o for want, names in lacking if names for o in self._portions(Part.GIVEN, want, names)]
        done, total = 0, sum(len(order.paths) for order in orders)
        for order in self._carried_out(orders, (), _nothing):
            done += len(order.paths)
            progress(done, total)
        for known, (want, names) in zip(told, lacking, strict=True):
            known |= self._given.pop(want.archive, set())
            self._store.put_notes(
                (_GIVEN, f"{want.archive} {name}", _YES if name in known else _NO) for name in names
            )
        return told

    def texts_with(self, wanted: Wanted, names: Iterable[str]) -> dict[str, list[str]]:
        """For each name the members whose texts have it in them; kept as notes."""
        kept = {name: self._store.note(_IN_TEXTS, f"{wanted.archive} {name}") for name in names}
        found: dict[str, list[str]] = {name: [] for name, note in kept.items() if note is None}
        if found:
            for path, text in self._local(*wanted).read(wanted.paths):
                for name, paths in found.items():
                    if name.encode("utf-8", "replace") in text:
                        paths.append(path)
            notes = {name: msgspec.msgpack.encode(paths) for name, paths in found.items()}
            self._store.put_notes(
                (_IN_TEXTS, f"{wanted.archive} {name}", note) for name, note in notes.items()
            )
        decode = msgspec.msgpack.Decoder(list[str]).decode
        return {name: found[name] if note is None else decode(note) for name, note in kept.items()}

    def any_text(self, kind: str, wanted: Wanted, name: str, says: Callable[[bytes, str], bool]) -> bool:
        """Whether the text of one of these members says something of a name; kept as a note of a kind.

        What cannot be read may say it.
        """
        key = f"{wanted.archive} {name} {content_hash(repr(wanted.paths).encode()).hex()}"
        kept = self._store.note(kind, key)
        if kept is None:
            said = True
            with suppress(ArchiveError):
                texts = self._local(*wanted).read(wanted.paths)
                said = any(says(text, name) for _, text in texts)
            kept = msgspec.msgpack.encode(said)
            self._store.put_note(kind, key, kept)
        return msgspec.msgpack.decode(kept, type=bool)

    def tables(self, archive: str, path: str, module: str) -> CTables:
        """What a compiled member may import by C (see `facts.compiled`)."""
        kept = self._noted("tables-2", (archive, path, module), Strings.tables)
        return msgspec.msgpack.decode(kept, type=CTables | None) or CTables()

    def _noted(self, kind: str, place: tuple[str, ...], say: Callable[[Strings], object]) -> bytes:
        """What the strings of a compiled member say, as it is kept; the place begins with archive, path and module."""
        key = " ".join(place)
        kept = self._store.note(kind, key)
        if kept is None:
            strings = self._strings_of(*place[:3])
            kept = msgspec.msgpack.encode(say(strings) if strings else None)
            self._store.put_note(kind, key, kept)
        return kept

    def _strings_of(self, archive: str, path: str, module: str) -> Strings | None:
        """The strings of a member, None where it cannot be read; those of the last one stay, for they are large."""
        if self._strings is None or self._strings[0] != (archive, path):
            strings = None
            with suppress(ArchiveError):
                ((_, content),) = self._local(archive, [path]).read([path])
                strings = Strings(content, module)
            self._strings = ((archive, path), strings)
        return self._strings[1]

    def read(
        self,
        wanted: Iterable[Wanted],
        part: Part = Part.WHOLE,
        progress: Progress = _untold,
        meanwhile: Meanwhile = _nothing,
    ) -> None:
        """See to it that the facts of these members are known, or at least that part of them.

        Where others read them, something is done `meanwhile`, time and again, as long as there is anything to do.
        """
        self._do(part, wanted, progress, meanwhile)

    def begin_reading(
        self, wanted: Iterable[Wanted], part: Part = Part.WHOLE, progress: Progress = _untold
    ) -> None:
        """Have these members read while this process does something else: at once, and told of, if nobody else can."""
        orders = [order for want in wanted for order in self._orders(part, want)]
        self._begin_if_worth_it(orders)
        done, total = 0, sum(len(order.paths) for order in orders)
        for order in orders:
            if self.crew.is_there:
                self._hand_out(order)
            else:
                self._keep(order, carry_out(order))
                done += len(order.paths)
                progress(done, total)

    def begin_looking_through(self, wanted: Wanted) -> None:
        """Have it looked up what members mention, if somebody else can do it."""
        if self.crew.is_there:
            for order in self._orders(Part.MENTIONS, wanted):
                self._hand_out(order)

    def arrived(self) -> list[tuple[str, str]]:
        """The members, by archive and path, that somebody else has read since this was asked before."""
        for task in [task for task in self._tasks if task.is_done()]:
            self._fetch(task)
        arrived, self._arrived = self._arrived, []
        return arrived

    def forget_begun(self) -> None:
        """Leave what was begun and nobody has asked for, as far as it is not done."""
        self.arrived()
        for task in self._tasks:
            task.forget()
        self._tasks.clear()
        self._begun.clear()

    def take_over(self, archive: str, folder: Folder) -> None:
        """Take over the facts of texts that were read before as parts of something else."""
        if self._known(archive, Part.WHOLE):
            return
        contents = {path: content_hash(text) for path, text in folder.read(folder.names)}
        known = self._store.known(contents.values())
        rows = [(path, content, known[content]) for path, content in contents.items() if content in known]
        self._known(archive, Part.WHOLE).update({path: facts for path, _, facts in rows})
        self._store.add(archive, rows)

    def mentions(
        self, wanted: Iterable[Wanted], progress: Progress = _untold
    ) -> list[Mapping[str, Mentions]]:
        """What members mention in imports: for each of the wanted, by path."""
        asked = list(wanted)
        keys = {order.archive.key for order in self._do(Part.MENTIONS, asked, progress)}
        encode = msgspec.msgpack.encode
        self._store.put_notes((_MENTIONS, key, encode(self._mentioned(key))) for key in keys)
        return [self._mentioned(want.archive) for want in asked]

    # --- orders --------------------------------------------------------------------------------------

    def _do(
        self, part: Part, wanted: Iterable[Wanted], progress: Progress, meanwhile: Meanwhile = _nothing
    ) -> list[Order]:
        """Carry out what is lacking of the wanted, with what was begun together with it; returns the orders."""
        asked = list(wanted)
        begun = [
            task
            for want in asked
            for path in want.paths
            for more in _AT_LEAST[part]
            if (task := self._begun.get((more, want.archive, path))) is not None
        ]
        orders = [order for want in asked for order in self._orders(part, want)]
        tasks = list(dict.fromkeys(begun))
        every = [*orders, *(task.order for task in tasks)]
        done, total = 0, sum(len(order.paths) for order in every)
        for order in self._carried_out(orders, tasks, meanwhile):
            done += len(order.paths)
            progress(done, total)
        return every

    def _orders(self, part: Part, want: Wanted) -> Iterator[Order]:
        """What has to be read for it, and is not being read."""
        paths = [path for path in want.paths if not self._is_settled(part, want.archive, path)]
        yield from self._portions(part, Wanted(want.archive, paths))

    def _portions(self, part: Part, want: Wanted, names: tuple[str, ...] = ()) -> Iterator[Order]:
        if want.paths:
            archive, portion = self._local(*want), _PORTIONS[part]
            for start in range(0, len(want.paths), portion):
                yield Order(archive, tuple(want.paths[start : start + portion]), part, names)

    def _is_settled(self, part: Part, archive: str, path: str) -> bool:
        if any((more, archive, path) in self._begun for more in _AT_LEAST[part]):
            return True
        if part is Part.MENTIONS:
            return path in self._mentioned(archive)
        return self.knows(archive, path, part) is not None

    def _carried_out(
        self, orders: Sequence[Order], tasks: Sequence[Task], meanwhile: Meanwhile
    ) -> Iterator[Order]:
        """These orders, each when it is done; those that nobody else would begin soon are carried out here."""
        self._begin_if_worth_it(orders)
        few = sum(len(order.paths) for order in orders) < _FEW
        given: list[Task] = []
        for number, order in enumerate(orders):
            if self.crew.is_there and not few and (meanwhile is not _nothing or not self.crew.is_busy()):
                given = [self._hand_out(left) for left in orders[number:]]
                break
            self._keep(order, carry_out(order))
            yield order
        awaited = [*tasks, *given]
        if meanwhile is not _nothing:
            while any(task in self._tasks and not task.is_done() for task in awaited):
                if not (meanwhile() or self.crew.wait()):
                    break
        for task in awaited:
            if task in self._tasks:
                self._fetch(task)
            yield task.order

    def _begin_if_worth_it(self, orders: Iterable[Order]) -> None:
        seconds = sum(len(order.paths) * _SECONDS[order.part] for order in orders)
        if not self.crew.is_there and seconds >= _WORTH_A_POOL:
            self.begin()

    def _hand_out(self, order: Order) -> Task:
        task = self.crew.hand_out(order)
        self._tasks[task] = None
        self._begun.update(dict.fromkeys(_members(order), task))
        return task

    def _fetch(self, task: Task) -> None:
        """Keep what comes of an order that was handed out."""
        self._keep(task.order, task.result())
        del self._tasks[task]
        for member in _members(task.order):
            del self._begun[member]
        self._arrived += [(task.order.archive.key, path) for path in task.order.paths]

    def _keep(self, order: Order, found: Any) -> None:
        archive = order.archive.key
        if order.part is Part.MENTIONS:
            self._mentioned(archive).update(found)
            return
        if order.part is Part.GIVEN:
            self._given.setdefault(archive, set()).update(found)
            return
        for part in _AT_LEAST[order.part]:
            rows = [(read.path, read.content, read.facts) for read in found if read.part is part]
            if rows:
                self._known(archive, part).update({path: facts for path, _, facts in rows})
                self._store.add(_key(archive, part), rows)

    def _known(self, archive: str, part: Part) -> dict[str, bytes]:
        key = _key(archive, part)
        if key not in self._blobs:
            self._blobs[key] = self._store.facts_of(key)
        return self._blobs[key]

    def _mentioned(self, archive: str) -> dict[str, Mentions]:
        if archive not in self._mentions:
            blob = self._store.note(_MENTIONS, archive)
            self._mentions[archive] = msgspec.msgpack.decode(blob, type=dict[str, Mentions]) if blob else {}
        return self._mentions[archive]
