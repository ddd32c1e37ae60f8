"""Small files as they are found in projects, one or more for each kind."""

from __future__ import annotations

SAMPLES: dict[str, str] = {
    "Dockerfile": """\
# syntax=docker/dockerfile:1
ARG PYTHON=3.12
FROM python:${PYTHON}-slim AS build
ENV VERSION=1.2 NAME="é"
RUN apt-get update && pip install --no-cache-dir "flask[async]>=2" \\
    # zażółć
    click==8.1.7 uwsgi==$VERSION
RUN ["pip", "install", "-r", "requirements.txt", "a==1"]
RUN --mount=type=cache,target=/root/.cache <<EOF
pip install b 'c<2'
EOF
FROM build@sha256:0123
""",
    "requirements.txt": """\
# à la carte
flask[async]>=2 ; python_version < "3.13"  # ü
click==8.1.7 \\
    --hash=sha256:0123
-r other.txt
-e .
https://example.org/a.zip
""",
    "pyproject.toml": """\
[build-system]
requires = ["hatchling>=1"]  # é
[project]
name = "demo"
requires-python = ">=3.9"
dependencies = [
    "flask[async]>=2 ; python_version < '3.13'",  # ü
    'click',
]
[project.optional-dependencies]
x = ["a==1"]
[dependency-groups]
dev = ["pytest", {include-group = "x"}]
[tool.poetry.dependencies]
python = "^3.9"
b = {version = "^1.2", extras = ["y"]}
""",
    ".github/workflows/test.yml": r"""
name: "é"
env: {VERSION: "1.0"}
jobs:
  test:
    steps:
      - uses: actions/checkout@v4
      - run: pip install "tox<5" nox==${{ matrix.nox }} b==$VERSION  # ü
      - name: more
        run: |
          # żółć
          python -m pip install -r requirements.txt \
            'a==1'
      - run: >-
          uv pip install
          c==1
      - run: "pip install \"d==2\" && pipx run e"
      - run: 'pip install ''f>1'' g'
""",
    ".gitlab-ci.yml": """
.common: &common
  - pip install a==1  # é
test:
  before_script: *common
  script:
    - !reference [.x, script]
    - |
      pip install b
""",
    ".pre-commit-config.yaml": """
repos:
- repo: https://example.org/black
  rev: "24.1.0"  # é
  hooks:
  - id: black
    additional_dependencies: ['click==8.0.4', "tomli"]
""",
    "setup.py": r'''
# é
from setuptools import setup
more = ["a==1", "i"]  # ü
setup(
    name="demo",
    python_requires=">=3.7",
    install_requires=more + ["b[x]>=2; python_version<'3.9'", r'c', "d" "~=1.0"],
    extras_require={"x": ["e!=1"], "y:sys_platform=='win32'": ("f",)},
    setup_requires="""
        g>=1
        h
    """,
)
''',
    "setup.cfg": """
[metadata]
name = demo  # é
[options]
python_requires = >=3.7
install_requires =
    # ü
    a==1  # żółć
    b[x]>=2; python_version<'3.9'
setup_requires = c; d>=1
[options.extras_require]
x =
    e!=1
""",
    "tox.ini": r"""
[tox]
requires = tox>=4
[testenv]
deps =
    pytest>=7  # é
    py311,!py312: coverage[toml]==7
    -r requirements.txt
    {[base]deps}
commands =
    {envpython} -m pip install -U "a<2" \
        b
    - pytest {posargs}
""",
    "noxfile.py": r"""
import nox
BLACK = "black==22.3.0"
@nox.session(name="é")
def lint(session):
    session.install("flake8", BLACK, f"x=={V}", *["y"], "-r", "r.txt")  # ü
    session.run("python", "-m", "pip", "install", "z>=1")
""",
    "Pipfile": r"""
[[source]]
url = "https://example.org/é"
[packages]
a = "*"
b = "==1.0"  # ü
c = {version = "~=2.0", extras = ["x"], markers = "python_version < '3.9'"}
d = {git = "https://example.org/d"}
[dev-packages.e]
version = ">=1,<2"
[requires]
python_version = "3.11"
""",
    "environment.yml": r"""
name: é
dependencies:
  - python=3.11
  - pip:
    - a==1  # ü
    - "b>=2; python_version<'3.9'"
    - -r requirements.txt
    - c==1 --hash=sha256:00
""",
    "script.py": r"""#!/usr/bin/env python
# é
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "a==1",  # ü
#
#   'b<2',
# ]
# ///
import a
""",
    "tox.toml": r"""
requires = ["tox>=4"]  # é
[env_run_base]
deps = ["pytest>=7", "-r requirements.txt", { replace = "ref", of = ["x"] }]
commands = [["pytest", "{posargs}"], ["pip", "install", "a==1"]]
[env."ü"]
deps = ["b<2; python_version<\"3.9\""]
""",
}
