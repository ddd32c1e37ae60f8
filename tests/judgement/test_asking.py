"""Questions in circles and chains: what the least assumption gives, whichever is asked first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pinproof.judgement.asking import Answers, Asking

Graph = dict[int, list[int]]


def reaching(graph: Graph, ends: frozenset[int]) -> Answers[int, str]:
    """Whether an end can be reached: `yes`, else `?`, which is also what a circle comes to."""

    def work(node: int) -> str:
        if node in ends or any(asked(further) == "yes" for further in graph.get(node, ())):
            return "yes"
        return "?"

    asked = Answers(Asking(), work, "?", "?".__eq__)
    return asked


def test_a_chain_longer_than_the_stack() -> None:
    chain = {number: [number + 1] for number in range(10_000)}
    assert reaching(chain, frozenset({10_000}))(0) == "yes"
    assert reaching(chain, frozenset())(0) == "?"


def test_a_long_circle() -> None:
    circle = {number: [(number + 1) % 1_000] for number in range(1_000)}
    asked = reaching(circle, frozenset())
    assert asked(0) == asked(500) == "?"


def test_everything_leads_to_everything() -> None:
    nodes = range(100)
    asked = reaching({node: list(nodes) for node in nodes}, frozenset({99}))
    assert {asked(node) for node in nodes} == {"yes"}


_NODES = st.integers(0, 6)


@given(
    st.dictionaries(_NODES, st.lists(_NODES, max_size=3)),
    st.frozensets(_NODES, max_size=1),
    st.permutations(range(7)),
)
def test_the_order_of_asking_does_not_matter(graph: Graph, ends: frozenset[int], order: list[int]) -> None:
    asked = reaching(graph, ends)
    for node in order:
        found, waiting = set(), [node]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += graph.get(one, ())
        assert asked(node) == ("yes" if found & ends else "?")
