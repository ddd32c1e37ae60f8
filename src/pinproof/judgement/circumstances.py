"""Under which circumstances code runs: guards, judged for one set, one Python and one platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from pinproof.judgement.answers import PYTHON, Absent, Present, Truth
from pinproof.judgement.asking import Answers
from pinproof.model import module as m
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pinproof.judgement.environment import Environment

_ANCESTORS = {
    "ModuleNotFoundError": ("ModuleNotFoundError", "ImportError"),
    "ImportError": ("ImportError",),
    "AttributeError": ("AttributeError",),
    "TypeError": ("TypeError",),
}
_CATCH_ALL = frozenset({"*", "Exception", "BaseException", "StandardError"})
_EXCEPTION_ENDINGS = ("Error", "Exception", "Warning", "Exit", "Interrupt", "Iteration")


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Whether code runs, and the handlers around it from the innermost outwards."""

    runs: Truth
    handlers: tuple[tuple[str, ...], ...] = ()

    @property
    def may_run(self) -> bool:
        """Whether it is not certain that the code does not run."""
        return self.runs is not Truth.NO

    def catches(self, exception: str) -> bool:
        """Whether a handler around the code swallows this exception."""
        return any(_swallows(handler, exception) for handler in self.handlers)


ALWAYS = Circumstance(Truth.YES)


class Circumstances:
    """Judges guards and tests for one environment; remembers what it found.

    `facts` gives those of the modules whose guards are asked about. Flags (names that hold a truth) are those of the
    `whole` modules, whose circumstances are given where they are not these.
    """

    def __init__(
        self,
        environment: Environment,
        facts: Callable[[str], m.ModuleFacts | None],
        whole: Circumstances | None = None,
    ) -> None:
        self._environment = environment
        self._facts = facts
        maybe, unsure = Circumstance(Truth.MAYBE), (Truth.MAYBE, 0)
        self._known: Answers[tuple[str, int], Circumstance] = Answers(
            environment.asking, lambda key: self._judged(*key), maybe, maybe.__eq__
        )
        self._failure: Answers[tuple[str, int], tuple[Truth, int]] = Answers(
            environment.asking, lambda key: self._tried(*key), unsure, unsure.__eq__
        )
        # `HAS_X = HAS_X and …` depends on itself.
        self._flags: Answers[tuple[str, str], Truth] = (
            whole._flags  # noqa: SLF001 - another one of the same kind
            if whole is not None
            else Answers(
                environment.asking,
                lambda key: self._assigned(*key),
                Truth.WARY,
                lambda found: found is Truth.WARY,
            )
        )
        self._tries: dict[str, dict[int, list[m.Use]]] = {}

    def of(self, module: str, guard: int) -> Circumstance:
        """The circumstance of code under this guard of the module."""
        if guard == -1:
            return ALWAYS
        return self._known((module, guard))

    def forget(self, module: str) -> None:
        """Forget what was found of a module, whose facts are about to change: its guards get other numbers."""
        facts = self._facts(module)
        for number in range(len(facts.guards) if facts else 0):
            self._known.known.pop((module, number), None)
            self._failure.known.pop((module, number), None)
        self._tries.pop(module, None)

    def at(self, module: str, guard: int, line: int) -> Truth:
        """Whether the code of a line under a guard runs: not if the `try` around it fails before that line."""
        runs = self.of(module, guard).runs
        facts = self._facts(module)
        while facts is not None and guard != -1 and runs is not Truth.NO:
            if facts.guards[guard].catches:
                failing, where = self._failure((module, guard))
                if failing is Truth.YES and where < line:
                    return Truth.NO
            guard = facts.guards[guard].parent
        return runs

    def _judged(self, module: str, number: int) -> Circumstance:
        facts = self._facts(module)
        assert facts is not None
        guard = facts.guards[number]
        around = self.of(module, guard.parent)
        if guard.catches:
            return Circumstance(around.runs, (guard.catches, *around.handlers))
        own = Truth.YES
        if guard.after >= 0:
            own = self._fails(module, guard.after)
            own = Truth.WARY if own is Truth.MAYBE else own
        elif guard.unless >= 0:
            own = negated(self._fails(module, guard.unless))
            own = Truth.YES if own is Truth.MAYBE else own
        elif guard.test is not None:
            own = self.truth(guard.test, module)
        return Circumstance(both(around.runs, own), around.handlers)

    def _fails(self, module: str, body: int) -> Truth:
        return self._failure((module, body))[0]

    def _tried(self, module: str, body: int) -> tuple[Truth, int]:
        """Whether the body of a `try` raises when it runs, and at which line at the latest.

        It does if a name that it uses is absent.
        """
        verdict = (Truth.NO, 0)
        around = len(self.of(module, body).handlers)
        for use in self._used_in(module, body):
            circumstance = self.of(module, use.guard)
            if circumstance.runs is Truth.NO:
                continue
            found = self._environment.resolve(use.target, module)
            inner = Circumstance(Truth.YES, circumstance.handlers[: len(circumstance.handlers) - around])
            if isinstance(found, Absent) and not _may_be_undescribed(found):
                if not inner.catches(exception_of(use, found)):
                    return Truth.YES, use.line
            elif not isinstance(found, Present):
                verdict = (Truth.MAYBE, 0)
        return verdict

    def fails_again(self, module: str, use: m.Use, exception: str) -> bool:
        """Whether what takes an exception of this use is certain to fail in its turn, so that nothing is gained."""
        facts, guard = self._facts(module), use.guard
        while facts is not None and guard != -1 and not _swallows(facts.guards[guard].catches, exception):
            guard = facts.guards[guard].parent
        if facts is None or guard == -1:
            return False
        handlers = [n for n, other in enumerate(facts.guards) if other.after == guard]
        return bool(handlers) and all(self._handler_fails(module, n, use) for n in handlers)

    def _handler_fails(self, module: str, handler: int, tried: m.Use) -> bool:
        """Whether a name that a handler is certain to use, once it runs, is absent and nothing around it takes that."""
        for use in self._used_in(module, handler):
            if use.guard == handler and use.deferred is tried.deferred:
                found = self._environment.resolve(use.target, module)
                if isinstance(found, Absent) and not _may_be_undescribed(found):
                    return not self.of(module, handler).catches(exception_of(use, found))
        return False

    def _used_in(self, module: str, body: int) -> Sequence[m.Use]:
        """What the body of a `try`, or a handler, uses when it runs; a body without its handlers."""
        if module not in self._tries:
            facts = self._facts(module)
            assert facts is not None
            self._tries[module] = _by_try(facts)
        return self._tries[module].get(body, ())

    def truth(self, test: m.AnyTest, module: str) -> Truth:
        """What a test comes to."""
        match test:
            case m.Constant(value):
                return _known(value)
            case m.Opaque(wary):
                return Truth.WARY if wary else Truth.MAYBE
            case m.Not(inner):
                return negated(self.truth(inner, module))
            case m.All(tests):
                answer = Truth.YES
                for inner in tests:
                    answer = both(answer, self.truth(inner, module))
                return answer
            case m.Any_(tests):
                answer = Truth.YES
                for inner in tests:
                    answer = both(answer, negated(self.truth(inner, module)))
                return negated(answer)
            case m.PythonVersion(op, value):
                return _python(self._environment.target.python, op, value)
            case m.Platform(subject, op, value):
                return self._platform(subject, op, value)
            case m.LibraryVersion(library, op, value):
                return self._library(self._environment.absolute(library, module), op, value)
            case m.Has(target):
                return self._has(target, module)
            case m.Flag(target):
                return self._flag(target, module)

    def _platform(self, subject: str, op: str, value: str) -> Truth:
        platform = self._environment.target.platform
        actual = {
            "sys:platform": platform,
            "os:name": "nt" if platform == "win32" else "posix",
            "platform:system()": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}.get(platform, ""),
            "platform:python_implementation()": "CPython",
        }[subject]
        match op:
            case "==":
                return _known(actual == value)
            case "!=":
                return _known(actual != value)
            case "startswith":
                return _known(actual.startswith(value))
            case "contains":
                return _known(value in actual)
            case _:
                return Truth.WARY

    def _library(self, module: str, op: str, value: str) -> Truth:
        providers = self._environment.providers(module)
        if len(providers) != 1:
            return Truth.WARY
        actual = providers[0].version
        if op == "startswith":
            return _known(str(actual).startswith(value))
        try:
            literal = Version(value)
        except ValueError:  # no version, or a number that is longer than numbers may be
            return Truth.WARY
        return _known(_compared(actual, op, literal))

    def _has(self, target: str, module: str) -> Truth:
        found = self._environment.resolve(target, module)
        if isinstance(found, Present):
            return Truth.YES
        return Truth.NO if isinstance(found, Absent) else Truth.WARY

    def _flag(self, target: str, module: str) -> Truth:
        """The truth of a module-level name: by the assignments that run."""
        name, _, chain = target.partition(":")
        where = self._environment.absolute(name, module)
        if not chain or "." in chain:
            return Truth.WARY
        return self._flags((where, chain))

    def _assigned(self, where: str, name: str) -> Truth:
        facts = self._facts(where)
        ways = facts.bindings.get(name, ()) if facts else ()
        answer = Truth.WARY
        for way in ways:
            runs = self.at(where, way.guard, way.line)
            if runs is Truth.NO or self._fails_quietly(way, where):
                continue
            value = self._value(way, where)
            if runs is not Truth.YES or value in (Truth.MAYBE, Truth.WARY):
                return Truth.WARY
            answer = value
        return answer

    def _fails_quietly(self, way: m.Binding, module: str) -> bool:
        """Whether a name is certain to be bound in another way: its import fails, and is caught."""
        if way.kind is not m.Kind.IMPORT:
            return False
        found = self._environment.resolve(way.target, module)
        return isinstance(found, Absent) and self.of(module, way.guard).catches(found.exception)

    def _value(self, way: m.Binding, module: str) -> Truth:
        match way.kind:
            case m.Kind.FUNCTION | m.Kind.CLASS:
                return Truth.YES
            case m.Kind.IMPORT:
                found = self._environment.resolve(way.target, module)
                if isinstance(found, Present) and found.name and found.kind is m.Kind.VALUE:
                    return self._flag(f"{found.module}:{found.name}", module)
                return Truth.YES if isinstance(found, Present) else Truth.WARY
            case m.Kind.VALUE if way.test is not None:
                return self.truth(way.test, module)
            case _:
                return Truth.WARY


def both(one: Truth, other: Truth) -> Truth:
    """Conjunction: no beats wary beats maybe beats yes."""
    for answer in (Truth.NO, Truth.WARY, Truth.MAYBE):
        if answer in (one, other):
            return answer
    return Truth.YES


def negated(truth: Truth) -> Truth:
    """Negation; what is not known stays so."""
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(truth, truth)


def _known(value: bool) -> Truth:
    return Truth.YES if value else Truth.NO


def _python(actual: tuple[int, int], op: str, value: tuple[int, ...]) -> Truth:
    """`sys.version_info OP value` for a Python of which major and minor are known."""
    if op in ("==", "!="):
        if len(value) > 2 and value[:2] == actual:
            return Truth.MAYBE
        return _known((actual[: len(value)] == value[:2]) is (op == "=="))
    if value[:2] == actual:
        if len(value) > 2 and value[2] > 0:
            return Truth.MAYBE
        # (3, 11, micro, …) is longer than, and so greater than, (3, 11).
        return _known(op in (">=", ">"))
    return _known(_compared(actual, op, value))


def _compared(actual: Any, op: str, value: Any) -> bool:
    match op:
        case "==":
            return bool(actual == value)
        case "!=":
            return bool(actual != value)
        case "<":
            return bool(actual < value)
        case "<=":
            return bool(actual <= value)
        case ">":
            return bool(actual > value)
        case _:
            return bool(actual >= value)


def _may_be_undescribed(found: Absent) -> bool:
    """Whether a private name of the standard library lacks, of which its stubs leave out many."""
    private = found.symbol.rpartition(".")[2].startswith("_")
    return private and found.owner is not None and found.owner.name == PYTHON


def exception_of(use: m.Use, found: Absent) -> str:
    """What Python raises: an attribute of a module that is there is an AttributeError, not an ImportError."""
    if use.how is How.IMPORT:
        return found.exception
    return "AttributeError" if found.exception == "ImportError" else found.exception


def _by_try(facts: m.ModuleFacts) -> dict[int, list[m.Use]]:
    """The uses by each `try` whose body runs them, and by each handler.

    Functions that are defined in a body have left it behind; what is deferred elsewhere (a lambda) does not run with
    a body that the import of the module runs.
    """
    at_import: dict[int, list[m.Use]] = {}
    later: dict[int, list[m.Use]] = {}
    for use in facts.uses:
        found, guard = later if use.deferred else at_import, use.guard
        while guard != -1:
            within = facts.guards[guard]
            if within.catches or within.after >= 0:
                found.setdefault(guard, []).append(use)
            guard = -1 if within.after >= 0 else within.parent
    return later | at_import


def _swallows(handler: tuple[str, ...], exception: str) -> bool:
    """Whether the clauses of one `try`, in order, end an exception of this kind."""
    for clause in handler:
        name = clause.removeprefix("!")
        broad = name in _CATCH_ALL or not name.endswith(_EXCEPTION_ENDINGS)
        if broad or name in _ANCESTORS.get(exception, (exception,)):
            return not clause.startswith("!")
    return False
