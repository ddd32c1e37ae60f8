"""`.pre-commit-config.yaml`."""

from __future__ import annotations

import pytest
from manifests_in_short import declared

from pinproof.facts.manifests.hooks import read
from pinproof.model.declaration import FilePath, Manifest, Where

NO_REQUIREMENT = "Expected semicolon (after name with no version specifier) or end"
PATH = FilePath(".pre-commit-config.yaml")


def manifest(text: str) -> Manifest:
    return read(text, PATH)


def hook(settings: str) -> str:
    return f"repos:\n- repo: https://example.org/x\n  rev: v1  # é\n  hooks:\n  - id: x\n{settings}"


def test_repositories() -> None:
    text = 'repos:\n- {repo: local, hooks: []}\n- repo: https://example.org/x\n  rev: "v1.2"\n- repo: meta\n- repo: y\n'
    found = manifest(text).hooks
    assert [(one.url, one.revision, one.span.of(text)) for one in found] == [
        ("https://example.org/x", "v1.2", "v1.2")
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("    additional_dependencies: [a==1, 'b>=2', \"c\"]", ["x: a==1", "x: b>=2", "x: c"]),
        (
            "    additional_dependencies:\n    - a[x]==1\n    - b==1; python_version<'3.9'",
            ["x: a[x]==1", 'x: b==1; python_version < "3.9"'],
        ),
        (
            "    language: python\n    additional_dependencies: [a=1]",
            [f"x: a=1 ! {NO_REQUIREMENT}"],
        ),
        (
            "    additional_dependencies: ['a\\\n      ==1']",
            [f"x: a\\\n      ==1 ! {NO_REQUIREMENT}"],
        ),
        ('    additional_dependencies: ["a\\x3d=1"]', ["x: a==1 ~"]),
        ("    additional_dependencies: ['prettier@2.1', plugin]", []),
        ("    additional_dependencies: ['@prettier/x@2', plugin]", []),
        ("    additional_dependencies: ['rainbow:2.1']", []),
        ("    additional_dependencies: ['example.org/go@v1']", []),
        ("    language: node\n    additional_dependencies: [eslint]", []),
        ("    additional_dependencies: ['.', -e, ./x]", []),
        ("    additional_dependencies: a==1", []),
        ("    additional_dependencies: [[a], {b: c}]", []),
    ],
)
def test_requirements(settings: str, expected: list[str]) -> None:
    text = hook(settings)
    found = manifest(text).declarations
    assert declared(text, found) == expected
    assert all(one.where is Where.HOOK for one in found)


def test_a_comment() -> None:
    (found,) = manifest(hook("    additional_dependencies:\n    # because\n    - a==1  # of it")).declarations
    assert found.comment == "because of it"


def test_what_is_no_yaml_has_a_place() -> None:
    (problem,) = manifest("repos:\n- [\n").problems
    assert problem.message.startswith("not valid YAML: ")
    assert problem.span is not None


@pytest.mark.parametrize("text", ["", "[]", "a", "repos: x", "repos: [x, [], {hooks: [y]}]"])
def test_nothing_there(text: str) -> None:
    found = manifest(text)
    assert (found.declarations, found.hooks, found.problems) == ((), (), ())
