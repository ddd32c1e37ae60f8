"""What a walk leaves behind, and kinds of nodes that it must know."""

from __future__ import annotations

import ast
import gc

from pinproof.facts.module import read_module
from pinproof.facts.source import parsing
from pinproof.facts.syntax import CHILDREN, parts

SOURCE = b"""
import a
from b import *
T = [n for n in dir(a) if (m := n)]
class C(a.B):
    def f(self, x: a.X = 1, *, y=None):
        import c
        g = lambda: c.d + x
        if a.old and self.z:
            return
        self.w = T[0]
        T[1] = {**g(), 'k': f'{x!r:>{y}}'}
"""


def test_trees_are_freed_at_once() -> None:
    """No cycles: while many modules are read, the collector is off."""
    read_module(SOURCE)
    gc.collect()
    with parsing():
        read_module(SOURCE)
        assert gc.collect() == 0


def test_the_parts_of_an_expression_are_those_of_the_tree() -> None:
    for statement in ast.walk(ast.parse(SOURCE)):
        if isinstance(statement, ast.Assign | ast.Return) and statement.value is not None:
            walked = [n for n in ast.walk(statement.value) if type(n) in CHILDREN]
            assert [n for n in parts(statement.value) if n is not None] == walked
