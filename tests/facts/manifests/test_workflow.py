"""Workflows: the shell in them, however YAML writes it."""

from __future__ import annotations

import pytest
from manifests_in_short import installed

from pinproof.facts.manifests import reader_of
from pinproof.facts.manifests.workflow import read
from pinproof.model.declaration import FilePath


def commands(text: str, path: str = ".github/workflows/x.yml") -> list[str]:
    manifest = read(text, FilePath(path))
    assert not manifest.problems
    return installed(text, manifest.commands)


def step(settings: str) -> str:
    return f"# é\njobs:\n  a:\n    steps:\n      - {settings}\n"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("run: pip install a  # b", ["pip install: a"]),
        ("run: pip install a\n             b", ["pip install: a, b"]),
        ("run: 'pip install a ''b==1'''", ["pip install: a, b==1"]),
        (
            'run: "pip install \\"a==1\\"\\npip install b\\x3d\\u003d1"',
            ["pip install: a==1", "pip install: b==1 ~"],
        ),
        ('run: "pip install a \\\n          b"', ["pip install: a, b"]),
        (
            "run: |\n          pip install a \\\n            b\n\n          pip install c",
            ["pip install: a, b", "pip install: c"],
        ),
        ("run: |-  # x\n          # y\n          pip install a", ["pip install: a"]),
        ("run: |2\n          pip install a", ["pip install: a"]),
        (
            "run: >\n          pip install a\n          b\n\n          pip install c\n",
            ["pip install: a, b", "pip install: c"],
        ),
        (
            "run: >-\n          pip install a\n            && pip install b",
            ["pip install: a", "pip install: b"],
        ),
        (
            "run: |\n          cat <<EOF > x\n          pip install a\n          EOF\n          pip install b",
            ["pip install: b"],
        ),
        ("run: |\n          pip install a==${{ matrix.a }}", ["pip install: a==${{ matrix.a }} ?"]),
        (
            "env: {V: '1.0', W: '${{ x }}'}\n        run: pip install a==$V b==$W",
            ["pip install: a==1.0 ~, b==$W ?"],
        ),
        ("shell: bash -el {0}\n        run: pip install a", ["pip install: a"]),
        ("shell: pwsh\n        run: pip install a", ["pip install: a"]),
        ("shell: python\n        run: pip install a", []),
        (
            "uses: x\n        with:\n          run: pip install a\n          script: pip install b",
            ["pip install: a"],
        ),
        ("name: pip install a", []),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_steps(settings: str, expected: list[str], line_end: str) -> None:
    assert commands(step(settings).replace("\n", line_end)) == expected


def test_variables_of_what_stands_above() -> None:
    steps = "    steps:\n    - run: pip install a==$V b==$W\n"
    text = f"env: {{V: 1}}\njobs:\n  a:\n    env: {{V: 2, W: 3}}\n{steps}  b:\n{steps}"
    assert commands(text) == ["pip install: a==2 ~, b==3 ~", "pip install: a==1 ~, b==$W ?"]


def test_defaults_are_no_step() -> None:
    assert commands("defaults:\n  run:\n    shell: bash\n    working-directory: pip\n") == []


def test_composite_actions() -> None:
    text = "runs:\n  using: composite\n  steps:\n  - shell: bash\n    run: pip install a\n"
    assert commands(text, "action.yml") == ["pip install: a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x:\n  script: pip install a", ["pip install: a"]),
        (
            "x:\n  before_script: [pip install a]\n  after_script:\n  - pip install b",
            ["pip install: a", "pip install: b"],
        ),
        ("x:\n  script:\n  - V=1\n  - pip install a==$V", ["pip install: a==1 ~"]),
        ("x:\n  variables: {V: 1}\n  script: pip install a==$V", ["pip install: a==1 ~"]),
        (
            ".x: &x\n- pip install a\ny:\n  script:\n  - *x\n  - pip install b\nz: {script: *x}",
            ["pip install: a", "pip install: b"],
        ),
        (".x: &x {script: [pip install a]}\ny:\n  <<: *x", ["pip install: a"]),
        ("x:\n  script:\n  - !reference [.y, script]\n  - pip install b", ["pip install: b"]),
        ("x:\n  script: &x\n  - *x\n  - pip install a", ["pip install: a"]),
        ("spec: {}\n---\nx: {script: pip install a}", ["pip install: a"]),
        ("x:\n  run: pip install a", []),
    ],
)
def test_gitlab(text: str, expected: list[str]) -> None:
    assert commands(text, ".gitlab-ci.yml") == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".circleci/config.yml", "jobs: {a: {steps: [run: {name: x, command: pip install a}]}}"),
        (".circleci/config.yml", "jobs: {a: {steps: [run: pip install a]}}"),
        (".travis.yml", "install:\n- pip install a"),
        (".travis.yml", "after_script: travis_retry python3 -m pip install a"),
        ("azure-pipelines.yml", "steps:\n- bash: pip install a"),
        ("bitbucket-pipelines.yml", "pipelines: {default: [step: {script: [pip install a]}]}"),
        (".forgejo/workflows/a.yaml", "jobs: {a: {steps: [run: pip install a]}}"),
    ],
)
def test_other_services(path: str, text: str) -> None:
    assert commands(text, path) == ["pip install: a"]
    found = reader_of(FilePath(path))
    assert found is not None
    assert vars(found)["__wrapped__"] is read


def test_what_is_no_yaml_has_a_place() -> None:
    (problem,) = read("é: [\n", FilePath("action.yml")).problems
    assert problem.message.startswith("not valid YAML: ")


@pytest.mark.parametrize(
    "text", ["[" * 5000, "a: &a [*a]", "\x00", "a: \ud800", "- " * 3000, '"\\ud800"', "!!python/object:x {}"]
)
def test_hostile(text: str) -> None:
    assert read(text, FilePath("action.yml")).commands == ()
