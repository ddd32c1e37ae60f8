"""Members are read the same by one process and by several."""

from __future__ import annotations

import os
from concurrent.futures import BrokenExecutor, Future
from typing import TYPE_CHECKING, cast

import pytest

from pinproof.actions import crew, fact_reader
from pinproof.actions.fact_reader import FactReader, Wanted
from pinproof.actions.reading import Order, Part
from pinproof.sources.folders import Folder
from pinproof.sources.store import Store

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from pathlib import Path

    from pinproof.model.module import Mentions, ModuleFacts

NAMES = [f"m{number}.py" for number in range(30)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    place = tmp_path / "source"
    place.mkdir()
    for number, name in enumerate(NAMES):
        (place / name).write_text(f"import a{number}\nfrom b import c\ndef f{number}(): c.d()\n")
    (place / NAMES[3]).write_text("def broken(:\n")
    return Folder.of("source", NAMES, place)


ASKED = ("c", "d", "f7", "nothing")


def read(
    folder: Folder, path: Path
) -> tuple[list[ModuleFacts], list[ModuleFacts], dict[str, Mentions], set[str]]:
    """Everything that a reader says."""
    with Store(path, "1") as store:
        reader = FactReader(store, lambda key, paths: folder)
        wanted = [Wanted(folder.key, NAMES)]
        try:
            mentions = dict(reader.mentions(wanted)[0])
            reader.read(wanted, Part.IMPORTS)
            imports = [reader.facts(folder.key, name, Part.IMPORTS) for name in NAMES]
            reader.read(wanted)
            (given,) = reader.given([(wanted[0], ASKED)])
            assert reader.given([(wanted[0], ASKED)]) == [given], "it is kept"
            return [reader.facts(folder.key, name) for name in NAMES], imports, mentions, given
        finally:
            reader.close()


def test_one_process_is_enough_for_little(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FactReader, "begin", lambda self: pytest.fail("it started processes"))
    facts, imports, mentions, given = read(folder, tmp_path / "facts.db")
    assert [use.target for use in facts[0].uses] == ["a0:", "b:c", "b:c.d"]
    assert [use.target for use in imports[0].uses] == ["a0:", "b:c"]
    assert mentions[NAMES[0]].firm == {"a0", "b"}
    assert facts[3].degraded
    assert given == {"c", "f7"}


def test_several_processes_say_the_same(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = read(folder, tmp_path / "alone.db")
    monkeypatch.setattr(fact_reader, "_WORTH_A_POOL", 0.0)
    monkeypatch.setattr(crew, "cores", lambda: 2)
    begun: list[FactReader] = []
    begin = FactReader.begin

    def told(self: FactReader) -> None:
        begun.append(self)
        begin(self)

    monkeypatch.setattr(FactReader, "begin", told)
    assert read(folder, tmp_path / "together.db") == alone
    assert begun


def test_what_is_begun_is_there_when_it_is_asked_for(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = read(folder, tmp_path / "alone.db")
    monkeypatch.setattr(crew, "cores", lambda: 2)
    wanted = Wanted(folder.key, NAMES)
    with Store(tmp_path / "ahead.db", "1") as store:
        reader = FactReader(store, lambda key, paths: folder)
        reader.begin()
        try:
            reader.begin_looking_through(wanted)
            reader.begin_reading([wanted])
            assert [reader.facts(folder.key, name) for name in reversed(NAMES)][::-1] == alone[0]
            assert [reader.facts(folder.key, name, Part.IMPORTS) for name in NAMES] == alone[0]
            assert reader.mentions([wanted]) == [alone[2]]
            assert {(folder.key, name) for name in NAMES} == set(reader.arrived())
            reader.forget_begun()
        finally:
            reader.close()
        again = FactReader(store, lambda key, paths: pytest.fail("it was kept"))
        again.begin_reading([wanted])
        assert all(again.knows(folder.key, name, Part.WHOLE) for name in NAMES)


def test_what_is_begun_is_read_and_told_of_at_once_where_nobody_else_can(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "cores", lambda: 1)
    told: list[tuple[int, int]] = []
    with Store(tmp_path / "facts.db", "1") as store:
        reader = FactReader(store, lambda key, paths: folder)
        reader.begin()
        reader.begin_reading([Wanted(folder.key, NAMES)], progress=lambda *done: told.append(done))
        assert all(reader.knows(folder.key, name, Part.WHOLE) for name in NAMES)
    assert told[-1] == (len(NAMES), len(NAMES))


def test_something_is_done_while_others_read(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "cores", lambda: 2)
    monkeypatch.setattr(fact_reader, "_FEW", 0)
    steps = iter([True, True, False])
    with Store(tmp_path / "facts.db", "1") as store:
        reader = FactReader(store, lambda key, paths: folder)
        reader.begin()
        try:
            reader.read([Wanted(folder.key, NAMES)], Part.IMPORTS, meanwhile=lambda: next(steps, False))
            assert all(reader.knows(folder.key, name, Part.IMPORTS) for name in NAMES)
        finally:
            reader.close()
    assert not next(steps, False)


def test_what_is_urgent_comes_before_what_waits(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "cores", lambda: 2)
    given: list[str] = []

    class Pool:
        def submit(self, _: object, order: Order) -> Future[None]:
            given.append(order.paths[0])
            futures.append(Future())
            return futures[-1]

    futures: list[Future[None]] = []
    monkeypatch.setattr(Order, "alone", lambda order: order)
    hands = crew.Crew()
    hands._pool = cast("ProcessPoolExecutor", Pool())
    tasks = [hands.hand_out(Order(folder, (name,))) for name in "abcde"]
    urgent = hands.hand_out(Order(folder, ("now",), Part.IMPORTS))
    assert given == ["a", "b", "c"]
    assert hands.take_back(tasks[3])
    assert not hands.take_back(tasks[0])
    for future in futures[:2]:
        future.set_result(None)
    assert given == ["a", "b", "c", "now", "e"]
    assert not urgent.is_done()


def test_what_lost_processes_had_to_do_is_done_here(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = read(folder, tmp_path / "alone.db")
    monkeypatch.setattr(crew, "cores", lambda: 2)
    with Store(tmp_path / "facts.db", "1") as store:
        reader = FactReader(store, lambda key, paths: folder)
        reader.begin()
        try:
            pool = reader.crew._pool
            assert pool is not None
            lost = pool.submit(os._exit, 1)
            reader.begin_reading([Wanted(folder.key, NAMES)])
            assert [reader.facts(folder.key, name) for name in NAMES] == alone[0]
            with pytest.raises(BrokenExecutor):
                lost.result()
            assert reader.crew.hand_out(Order(folder, (NAMES[0],))).result()
            assert not reader.crew.is_there
        finally:
            reader.close()


def test_what_nobody_asks_for_is_left(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "cores", lambda: 2)
    with Store(tmp_path / "facts.db", "1") as store:
        reader = FactReader(store, lambda key, paths: folder)
        reader.begin()
        try:
            reader.begin_reading([Wanted(folder.key, NAMES)])
            reader.forget_begun()
            assert reader.facts(folder.key, NAMES[0]).uses
        finally:
            reader.close()
