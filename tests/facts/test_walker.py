"""What a walk leaves behind, and kinds of nodes that it must know."""

from __future__ import annotations

import ast
import gc

from pinproof.facts.module import read_module
from pinproof.facts.source import parsing
from pinproof.facts.syntax import parts

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
        def inner():
            global h
            return inner()
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


def test_the_parts_of_a_tree_are_those_that_are_walked() -> None:
    tree = ast.parse(SOURCE)
    kinds = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    walked = [node for node in ast.walk(tree) if not isinstance(node, kinds)]
    assert [node for node in parts(tree) if isinstance(node, ast.AST)] == walked
