"""Print what the standard library of the Python that runs this has, as JSON; runs on Python 3.6 and newer.

    python3.6 dump_stdlib.py < questions.json

The questions map a module to names that `dir` may not show (a module's `__getattr__` may know them). The answer maps a
module to its names, a name to None, or to the parameters of a function, or to the members of a class; a module
that cannot be imported here is None. Parameters are [name, kind, required], with the kinds of `model.module`.
"""

import importlib
import inspect
import io
import json
import pathlib
import pkgutil
import sys
import sysconfig
import types
import warnings

_LEFT_OUT = {
    *(
        "test",
        "tests",
        "idlelib",
        "turtledemo",
        "ensurepip",
        "site-packages",
        "__main__",
        "antigravity",
        "this",
    ),
    *("idle_test", "pip", "setuptools", "pkg_resources", "_distutils_hack", "__pycache__", "__phello__"),
}
_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "/",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "",
    inspect.Parameter.KEYWORD_ONLY: "k",
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def module_names():
    """Every module that this Python has, private ones too."""
    folder = pathlib.Path(sysconfig.get_path("stdlib"))
    waiting = [("", [folder, folder / "lib-dynload"])]
    found = set(sys.builtin_module_names)
    while waiting:
        prefix, places = waiting.pop()
        for _, name, is_package in pkgutil.iter_modules(map(str, places)):
            if name in _LEFT_OUT or name.startswith(("_sysconfigdata", "_test", "xx")):
                continue
            found.add(prefix + name)
            if is_package:
                waiting.append((prefix + name + ".", [p / name for p in places]))
    return sorted(found - {"__main__"})


def parameters(function):
    """The parameters of a function that is written in Python, else None."""
    if isinstance(function, classmethod):
        function = function.__func__
    if not isinstance(function, types.FunctionType) or hasattr(function, "__wrapped__"):
        return None
    return [
        [p.name, _KINDS[p.kind], p.default is p.empty and _KINDS[p.kind] in ("", "/", "k")]
        for p in inspect.signature(function).parameters.values()
    ]


def members(cls):
    """The public members of a class, inherited ones too, and its constructor."""
    found = {}
    for name in dir(cls):
        if name == "__init__" or not name.startswith("_"):
            try:
                found[name] = parameters(inspect.getattr_static(cls, name))
            except AttributeError:
                found[name] = None
    return found


def described(value):
    """What is told of the value of a name."""
    if isinstance(value, type):
        return {"class": value.__module__ + ":" + value.__qualname__, "members": members(value)}
    return parameters(value)


def names_of(module, asked):
    """The names of a module, without its own submodules."""
    found = {}
    for name in sorted({*dir(module), *asked}):
        if name.startswith("__"):
            continue
        try:
            value = getattr(module, name)
        except Exception:
            continue
        if isinstance(value, types.ModuleType) and value.__name__.startswith(module.__name__ + "."):
            continue
        found[name] = described(value)
    return found


def main():
    """Read the questions, print the answers."""
    warnings.simplefilter("ignore")
    questions = json.load(sys.stdin)
    output, sys.stdout = sys.stdout, io.StringIO()
    imported = {}
    for name in module_names():
        try:
            imported[name] = importlib.import_module(name)
        except BaseException:
            imported[name] = None
    answers = {
        name: None if module is None else names_of(module, questions.get(name, ()))
        for name, module in imported.items()
    }
    json.dump(answers, output)


main()
