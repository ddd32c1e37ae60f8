"""What holds for every reader, whatever is in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from samples import SAMPLES

from pinproof.facts.manifests import reader_of
from pinproof.model.declaration import FilePath, Form, Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.model.declaration import Span

_BITS = st.sampled_from(
    [
        *"\"'\\\n\t #$({[<>=:;,-|&*!%é😀\x00\x0c\u2028\ufeff",
        "\r\n",
        "\r",
        "\\\n",
        "${{ x }}",
        "{{ y }}",
        "a==1",
        '"""',
        "- ",
    ]
)


@st.composite
def _mutated(draw: st.DrawFn) -> tuple[FilePath, str]:
    name = draw(st.sampled_from(sorted(SAMPLES)))
    text = SAMPLES[name]
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from([0, 0, 1, 2, 20]))
        text = text[:start] + "".join(draw(st.lists(_BITS, max_size=3))) + text[end:]
    return FilePath(name), text


def _read(path: FilePath, text: str) -> Manifest:
    reader = reader_of(path)
    assert reader is not None
    return reader(text, path)


def _spans(manifest: Manifest) -> Iterator[Span]:
    for command in manifest.commands:
        yield command.span
        yield from (one.span for one in command.references)
    for found in (manifest.images, manifest.hooks, manifest.includes, manifest.every_declaration):
        yield from (one.span for one in found)
    yield from (one.span for one in manifest.problems if one.span is not None)
    yield from (one.span for one in (manifest.name, manifest.requires_python) if one is not None)


def _check(manifest: Manifest) -> None:
    text = manifest.text
    for span in _spans(manifest):
        assert 0 <= span.start <= span.end <= len(text)
    for one in manifest.every_declaration:
        if one.specifier_span is None:
            continue
        assert one.span.of(text) == one.text or one.form is Form.TABLE
        assert one.requirement is not None
        if one.form is Form.PEP508:
            assert one.span.start <= one.specifier_span.start <= one.specifier_span.end <= one.span.end
            assert SpecifierSet(one.specifier_span.of(text)) == one.requirement.specifier


@given(_mutated())
@settings(max_examples=300, deadline=None)
def test_no_file_breaks_a_reader_and_every_place_is_in_it(file: tuple[FilePath, str]) -> None:
    _check(_read(*file))


@given(st.sampled_from(sorted(SAMPLES)), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_neither_does_what_is_no_such_file(name: str, text: str) -> None:
    _check(_read(FilePath(name), text))


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_samples_are_read(name: str, line_end: str) -> None:
    manifest = _read(FilePath(name), SAMPLES[name].replace("\n", line_end))
    _check(manifest)
    assert not manifest.problems
    assert any(one.specifier_span for one in manifest.every_declaration)
    assert not any(one.problem for one in manifest.every_declaration)
