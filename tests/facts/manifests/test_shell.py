"""Shell: what it installs, and where that stands."""

from __future__ import annotations

import pytest
from manifests_in_short import installed

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.shell import commands_in


def read(shell: str, **variables: str) -> list[str]:
    return installed(shell, commands_in(Excerpt.verbatim(shell), variables))


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("pip install flask", ["pip install: flask"]),
        ("pip install 'flask[async]>=2' \"click==8.1.7\"", ["pip install: flask[async]>=2, click==8.1.7"]),
        ("pip3.11 install -U pip", ["pip install: pip"]),
        ("python3 -m pip --no-cache-dir install -qU pip wheel", ["pip install: pip, wheel"]),
        ("/opt/venv/bin/pip install a", ["pip install: a"]),
        ("$VENV/bin/python -I -W error -m pip install a", ["pip install: a"]),
        ("py -3.11 -m pip install a", ["pip install: a"]),
        ("{envpython} -m pip install a", ["pip install: a"]),
        ("sudo -H -u app env X=1 Y=2 nice -n 5 pip install a", ["pip install: a"]),
        ("timeout 60 pip install a", ["pip install: a"]),
        ("cat x | xargs -n 1 pip install", ["pip install"]),
        ("PIP_NO_CACHE_DIR=1 pip install a", ["pip install: a"]),
        ("cd x && (pip install a; pip install b) | tee log", ["pip install: a", "pip install: b"]),
        ("if test -f x; then pip install a\nelse\n  pip install b\nfi", ["pip install: a", "pip install: b"]),
        ("pip install a \\\n  b==1 \\\r\n  c", ["pip install: a, b==1, c"]),
        ("pip install a  # or b", ["pip install: a"]),
        ("x=$(pip install a)", ["pip install: a"]),
        ("bash -lc 'cd x && pip install a'", ["pip install: a"]),
        ('sh -ec "pip install a==1"', ["pip install: a==1"]),
        ("pip install a > log b 2>&1", ["pip install: a, b"]),
        ("pip wheel -w /w a && pip download -d d b", ["pip wheel: a", "pip download: b"]),
        ("uv pip install --system a", ["uv pip install: a"]),
        ("uv --quiet pip sync requirements.txt", ["uv pip sync: < requirements.txt"]),
        ("uv pip compile -o out.txt pyproject.toml", ["uv pip compile: < pyproject.toml"]),
        ("uv add --dev 'a>=1' -r r.txt", ["uv add: a>=1, < r.txt"]),
        ("uv sync --frozen --group docs", ["uv sync"]),
        ("uv run --with a --with 'b==1,c' -p 3.12 pytest -k x", ["uv run: a, b==1, c"]),
        ("uv run python -m pip install a", ["uv run", "pip install: a"]),
        ("uv tool install ruff==0.5 --with a", ["uv tool install: ruff==0.5, a"]),
        ("uvx ruff@0.5.0 check x", ["uvx run: ruff==0.5.0 ~"]),
        ("uvx ruff@latest check", ["uvx run: ruff ~"]),
        ("uvx --from 'ruff>=0.5' --with a ruff check", ["uvx run: ruff>=0.5, a"]),
        ("pipx install black==24.1.0", ["pipx install: black==24.1.0"]),
        ("pipx run --spec build==1 pyproject-build --wheel", ["pipx run: build==1"]),
        ("pipx run build --wheel x", ["pipx run: build"]),
        ("pipx inject tox tox-uv 'x==1'", ["pipx inject: tox-uv, x==1"]),
        ("poetry add -G dev a@^1.2 'b>=2' c", ["poetry add: a<2,>=1.2 ~, b>=2, c"]),
        ("poetry install --no-root --with dev", ["poetry install"]),
        ("poetry run pip install a", ["poetry run", "pip install: a"]),
        ("pdm add -dG test a==1", ["pdm add: a==1"]),
        ("pdm sync --prod", ["pdm sync"]),
        ("pipenv install --dev a==1", ["pipenv install: a==1"]),
        ("pipenv install --system --deploy", ["pipenv install"]),
        ("conda install -c conda-forge numpy=1.2", ["conda install"]),
        ("micromamba run -n x pip install a", ["conda run", "pip install: a"]),
        ("pip-sync a.txt b.txt", ["pip-sync: < a.txt, < b.txt"]),
    ],
)
def test_what_is_installed(shell: str, expected: list[str]) -> None:
    assert read(shell) == expected


@pytest.mark.parametrize(
    "shell",
    [
        "echo pip install flask",
        "echo 'pip install flask'",
        "# pip install flask",
        "pip uninstall flask",
        "pip freeze",
        "pip config set install.x y",
        "uv venv",
        "uv lock",
        "uv python install 3.12",
        "pip --version",
        "python -m build",
        "python setup.py install",
        "apt-get install python3-pip",
        "npm install pipx",
        "cat <<EOF > x\npip install flask\nEOF",
        "poetry export -f requirements.txt",
        "python -c 'import pip'",
        "pip() { echo; }",
        "",
        "pip",
        "sudo",
        "python -m",
        "bash -c",
        "bash script.sh -c pip",
        "uv",
        "uv pip",
    ],
)
def test_what_installs_nothing(shell: str) -> None:
    assert read(shell) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("-r requirements.txt -c constraints.txt", "< requirements.txt, -c constraints.txt"),
        ("-rx.txt -Ur y.txt", "< x.txt, < y.txt"),
        ("--requirement=x.txt", "< x.txt"),
        ("-e . -e '.[test]'", "-e ., -e .[test]"),
        (". .[dev] ./sub dist/*.whl a-1.0.tar.gz", "< ., < .[dev], < ./sub, < dist/*.whl, < a-1.0.tar.gz"),
        (
            "git+https://example.org/x@v1 https://example.org/a.zip",
            "< git+https://example.org/x@v1, < https://example.org/a.zip",
        ),
        ("'a @ https://example.org/a.zip'", "a @ https://example.org/a.zip ~"),
        ("--index-url https://x/simple -i y --extra-index-url z a", "a"),
        ("--target lib -t lib --prefix=/usr -f links a", "a"),
        ("--upgrade --no-cache-dir --pre --no-deps a", "a"),
        ("--no-binary :all: --only-binary a b", "b"),
        ("--trusted-host h --timeout 60 --retries 3 a", "a"),
        ("-- -a", "-a ! Expected package name at the start of dependency specifier"),
        ("'a; python_version < \"3.12\"'", 'a; python_version < "3.12"'),
        ("a==1.*", "a==1.*"),
        ("a=1.0", "a=1.0 ! Expected semicolon (after name with no version specifier) or end"),
        ("a>=1", "a ! the shell takes '>=1' for a redirection: put quotes around the requirement"),
        ("a<2 b", "a ! the shell takes '<2' for a redirection: put quotes around the requirement, b"),
        ("a>log.txt", "a"),
        ("a>/dev/null", "a"),
    ],
)
def test_arguments(arguments: str, expected: str) -> None:
    assert read(f"pip install {arguments}") == [f"pip install: {expected}"]


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("pip install a==$V", "a==$V ?"),
        ('pip install "a==${V}"', "a==${V} ?"),
        ("pip install $A", "$A ?"),
        ("pip install a==$(cat v)", "a==$(cat v) ?"),
        ("pip install a==${{ matrix.a }}", "a==${{ matrix.a }} ?"),
        ("pip install 'a=={{ version }}'", "a=={{ version }} ?"),
        ("pip install {{ name }} b", "{{ name }} ?, b"),
        ("pip install {posargs:a}", "{posargs:a} ?"),
        ("pip install %NAME%", "%NAME% ?"),
        ("pip install a ^", "a, ^ ?"),
        ("pip install -r $FILE", "< $FILE"),
        ("pip install .[$EXTRAS]", "< .[$EXTRAS]"),
        ("pip install $DIR/a.whl", "< $DIR/a.whl"),
        ("V=1.0\npip install a==$V", "a==1.0 ~"),
        ("export V='1.0' && pip install \"a==${V}\"", "a==1.0 ~"),
        ("pip install a==${V:-1.0}", "a==1.0 ~"),
        ("V=$(cat v); pip install a==$V", "a==$V ?"),
        ("V=1.0; V=$(cat v); pip install a==$V", "a==$V ?"),
        ("V=1; for V in 1 2; do pip install a==$V; done", "a==$V ?"),
        ("V=--pre; pip install $V a", "$V ?, a"),
        ("V=; pip install $V a", "$V ?, a"),
        ("V='a b'; pip install $V", "$V ?"),
        ("pip install a<< parameters.v >> b", "a<< parameters.v >> ?, b"),
        ("pip install a'==1.0'", "a==1.0 ~"),
        ("pip install a\\>=1.0", "a>=1.0 ~"),
        ('pip install "a\\\n==1"', "a==1 ~"),
    ],
)
def test_variables_and_quotes(shell: str, expected: str) -> None:
    assert read(shell) == [f"pip install: {expected}"]


def test_variables_that_are_known_from_elsewhere() -> None:
    assert read("pip install a==$V b==$W", V="1.0") == ["pip install: a==1.0 ~, b==$W ?"]


def test_the_span_is_the_whole_command() -> None:
    shell = "é; sudo pip install -q 'a==1' \\\n  \"b\" && true"
    (command,) = commands_in(Excerpt.verbatim(shell))
    assert command.span.of(shell) == "pip install -q 'a==1' \\\n  \"b\""
    assert command.options == {"-q"}


def test_the_span_ends_where_another_command_begins() -> None:
    shell = "uv run --with a -- pytest -x && uv run python -m pip install b"
    assert [one.span.of(shell) for one in commands_in(Excerpt.verbatim(shell))] == [
        "uv run --with a --",
        "uv run",
        "python -m pip install b",
    ]


def test_comments() -> None:
    shell = "# above\n# it\npip install a  # behind\npip install b\n"
    first, second = commands_in(Excerpt.verbatim(shell))
    assert [one.declarations[0].comment for one in (first, second)] == ["above it behind", ""]
