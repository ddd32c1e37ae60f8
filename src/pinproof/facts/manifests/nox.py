"""`noxfile.py`: what its sessions install. It is never run.

Source: https://nox.thea.codes/en/stable/config.html
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.facts.manifests import script
from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.python_text import PythonText
from pinproof.facts.manifests.shell import commands_of
from pinproof.facts.manifests.words import Word
from pinproof.model.declaration import FilePath, Kind, Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.model.declaration import Command

_RUNS = frozenset(("run", "run_always", "run_install"))
_INSTALLS = {"install": "pip", "conda_install": "conda"}


def read(text: str, path: FilePath) -> Manifest:
    """The commands of each session, with `install` as one of pip, and what the file needs itself (PEP 723)."""
    source = PythonText(text)
    commands = [
        command
        for function in ast.walk(source.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for command in _of_session(source, function)
    ]
    declarations = script.read(text, path).declarations if script.has_block(text) else ()
    return Manifest(path, Kind.NOX, text, declarations, tuple(commands), problems=source.problems)


def _of_session(source: PythonText, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Command]:
    if not function.args.args or not _takes_a_session(source, function):
        return
    session, name = function.args.args[0].arg, _name(source, function)
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr=verb, value=ast.Name(id=called))) if called == session:
                if verb in _INSTALLS:
                    told = Excerpt.blind(source.text, _INSTALLS[verb], source.span(node.func))
                    install = Excerpt.blind(source.text, "install", source.span(node.func))
                    words = [Word.plain(told), Word.plain(install), *_words(source, node.args)]
                elif verb in _RUNS:
                    words = list(_words(source, node.args))
                else:
                    continue
                for command in commands_of(words, part=name):
                    yield replace(command, span=source.span(node))
            case _:
                pass


def _takes_a_session(source: PythonText, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = function.args.args[0]
    named = (one for one in (first.annotation, *function.decorator_list) if one is not None)
    said = [first.arg, *(source.span(one).of(source.text) for one in named)]
    return any("session" in one.lower() for one in said)


def _name(source: PythonText, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What the decorator calls it, else the name of the function."""
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and (said := source.string(keyword.value)) is not None:
                return said.text
    return function.name


def _words(source: PythonText, arguments: list[ast.expr]) -> Iterator[Word]:
    """The arguments; what is computed is a word that nobody knows."""
    for argument in arguments:
        if isinstance(argument, ast.Starred):
            yield from map(Word.plain, source.strings(argument.value)[0])
        elif (said := source.string(argument)) is not None:
            yield Word.plain(said)
        else:
            span = source.span(argument)
            yield Word(Excerpt.verbatim(source.text, span.start, span.end), None)
