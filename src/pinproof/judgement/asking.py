"""Questions that depend on one another: in circles, and in chains longer than Python's own stack is deep.

A question that comes up while it is being answered gets the answer for what cannot be told, and what follows from
that is kept only if it turns out to be the answer. A chain that goes too deep is given up, its last question is
answered first, and then the first one is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

_MAX_DEPTH = 32
"""Questions inside of each other; each takes up to some twenty frames of Python's stack of a thousand."""

_MAX_WORK = 5_000
"""Answers looked for on behalf of one question before those that follow from circles are taken as they are."""


class Answers(Generic[K, V]):
    """The answers to questions of one kind, found by `work`.

    `circular` is the answer to a question that is being answered, `is_open` tells whether an answer says as much.
    """

    def __init__(
        self, asking: Asking, work: Callable[[K], V], circular: V, is_open: Callable[[V], bool]
    ) -> None:
        self._asking = asking
        self.work = work
        self.circular = circular
        self.is_open = is_open
        self.known: dict[K, V] = {}

    def __call__(self, key: K) -> V:
        """The answer to one question."""
        found = self.known.get(key)
        if found is not None:
            return found
        answer: V = self._asking.ask(self, key)
        return answer


_Question = tuple[Answers[Any, Any], Any]


class _TooDeepError(Exception):
    def __init__(self, question: _Question) -> None:
        super().__init__(question)
        self.question = question


class Asking:
    """The questions that are open, from the first to the one at hand.

    `_open` holds for each its position and how many tentative answers there were before it; `_tentative` holds
    answers that follow from an open question, each with the position of the first of those.
    """

    def __init__(self) -> None:
        self._open: dict[_Question, tuple[int, int]] = {}
        self._tentative: dict[_Question, tuple[Any, int]] = {}
        self._lowest: list[int] = []
        self._hit: set[_Question] = set()
        self._work = 0

    @property
    def is_open(self) -> bool:
        """Whether a question is being answered."""
        return bool(self._open)

    def ask(self, answers: Answers[Any, Any], key: Any) -> Any:
        """The answer to a question that has none yet."""
        question = (answers, key)
        if question in self._open:
            self._hit.add(question)
            return self._given(answers.circular, self._open[question][0])
        if question in self._tentative:
            return self._given(*self._tentative[question])
        if not self._lowest:
            return self._from_the_top(question)
        if len(self._lowest) >= _MAX_DEPTH:
            raise _TooDeepError(question)
        self._open[question] = len(self._open), len(self._tentative)
        try:
            return self._answered(question)
        finally:
            del self._open[question]

    def _given(self, answer: Any, position: int) -> Any:
        """An answer that follows from the open question at a position; so then does what is asked right now."""
        if self._lowest:
            self._lowest[-1] = min(self._lowest[-1], position)
        return answer

    def _from_the_top(self, question: _Question) -> Any:
        waiting = [question]
        answer = None
        self._work = 0
        try:
            while waiting:
                self._open.setdefault(waiting[-1], (len(self._open), len(self._tentative)))
                try:
                    answer = self._answered(waiting[-1])
                except _TooDeepError as deep:
                    waiting.append(deep.question)
                else:
                    del self._open[waiting.pop()]
        finally:
            for left in waiting:
                self._open.pop(left, None)
        return answer

    def _answered(self, question: _Question) -> Any:
        answers, key = question
        position, before = self._open[question]
        at_hand = len(self._tentative)
        self._lowest.append(position)
        self._work += 1
        try:
            answer = answers.work(key)
        except BaseException:
            self._lowest.pop()
            self._forget(at_hand)
            raise
        lowest = self._lowest.pop()
        if question in self._hit:
            self._hit.discard(question)
            if not answers.is_open(answer):
                self._forget(before)
        if lowest < position:
            self._given(answer, lowest)
            if answers.is_open(answer):
                self._tentative[question] = (answer, lowest)
                return answer
        else:
            self._settle(before, position)
        answers.known[key] = answer
        return answer

    def _forget(self, before: int) -> None:
        """Drop the tentative answers but the first so many: what they follow from was not so.

        All of them say that something cannot be told, so they may as well stay where to ask again takes too long.
        """
        while len(self._tentative) > before:
            (answers, key), (answer, _) = self._tentative.popitem()
            if self._work > _MAX_WORK:
                answers.known[key] = answer

    def _settle(self, before: int, position: int) -> None:
        """Keep the tentative answers but the first so many: what they follow from is so."""
        while len(self._tentative) > before:
            (answers, key), (answer, lowest) = self._tentative.popitem()
            if lowest >= position:
                answers.known[key] = answer
