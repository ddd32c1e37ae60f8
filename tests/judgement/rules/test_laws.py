"""What holds for every rule and every fix, whatever is declared."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from documented import TODAY, TableWorld, files_of, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinproof.actions.check import check
from pinproof.actions.fix import fix
from pinproof.errors import InputError
from pinproof.facts.check_settings import CheckSettings
from pinproof.facts.manifests import reader_of
from pinproof.judgement.rules import RULES
from pinproof.model.declaration import Declaration, FilePath

NAMES = st.sampled_from(["click", "Flask", "zope.interface", "a", "ruamel_yaml"])
VERSIONS = st.sampled_from(["1", "1.0", "2.1.3", "1.0a27", "4.0.0rc1", "2024.1", "1.0+local"])
CLAUSES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["==", ">=", "<", "<=", "~=", "!=", ">", "==="]),
    st.sampled_from(["", " "]),
    VERSIONS,
)
WILD = st.builds("=={}.*".format, st.sampled_from(["1", "2.0"]))
REQUIREMENTS = st.builds(
    "{}{}{}{}".format,
    NAMES,
    st.sampled_from(["", "[x]", " [x, y] "]),
    st.lists(CLAUSES | WILD, max_size=3).map(",".join),
    st.sampled_from(["", "; python_version < '3.12'", " ; sys_platform == 'linux'"]),
)
COMMENTS = st.sampled_from(["", "  # why", "  # \u00fcber alles", "  # pinproof: ignore[PIN101]"])
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def pyprojects(draw: st.DrawFn) -> str:
    """A project with some requirements, published and not."""

    def listed() -> str:
        entries = draw(st.lists(st.tuples(REQUIREMENTS, COMMENTS), max_size=4))
        return "[\n" + "".join(f'    "{r}",{c}\n' for r, c in entries) + "]"

    text = (
        '[build-system]\nrequires = ["hatchling>=1.26"]\n\n[project]\nname = "own"\n'
        f"requires-python = '{draw(st.sampled_from(['>=3.9', '>=3.9,<4', '>=3.9, <3.14']))}'\n"
        f"dependencies = {listed()}\noptional-dependencies = {{ more = {listed()} }}\n\n"
        f"[dependency-groups]\ndev = {listed()}\n"
    )
    return text.replace("\n", draw(ENDS))


@st.composite
def requirements_files(draw: st.DrawFn) -> str:
    """Lines as pip reads them, some with hashes."""
    lines = draw(
        st.lists(
            st.tuples(REQUIREMENTS, st.sampled_from(["", f" \\\n    --hash=sha256:{'0' * 64}"]), COMMENTS)
        )
    )
    text = "".join(f"{r}{h}{c}\n" for r, h, c in lines)
    return text.replace("\n", draw(ENDS))


FILES = st.fixed_dictionaries({"pyproject.toml": pyprojects(), "requirements.txt": requirements_files()})
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def fixed(folder: Path, *, unsafe: bool) -> dict[str, str]:
    """What files would hold after all fixes."""
    look = partial(check, folder, CheckSettings(role="both", select=("ALL",)), TableWorld({}), (), TODAY)
    found = fix(folder, look, unsafe=unsafe, with_changelog=False, unsolvable=None)
    return {path: after.decode() for path, (_, after) in found.files.items()}


@few
@given(FILES, st.booleans())
def test_fixing_twice_changes_nothing_more(files: dict[str, str], unsafe: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = put(files, Path(name))
        once = fixed(folder, unsafe=unsafe)
        put(once, folder)
        assert fixed(folder, unsafe=unsafe) == {}


@few
@given(FILES)
def test_names_extras_markers_hashes_and_comments_stay(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = put(files, Path(name))
        for path, text in fixed(folder, unsafe=True).items():
            assert _kept(path, text) <= _kept(path, files[path])


def _kept(path: str, text: str) -> Counter[tuple[str, ...]]:
    """What no fix may change of the requirements of a file."""
    reader = reader_of(FilePath(path))
    assert reader is not None
    return Counter(
        (
            str(d.name),
            str(sorted(d.requirement.extras)),
            str(d.requirement.marker),
            _of_the_user(d),
            str(d.hashed),
        )
        for d in reader(text, FilePath(path)).declarations
        if d.requirement is not None
    )


def _of_the_user(declaration: Declaration) -> str:
    """Its comment, but for one that only speaks to pinproof."""
    return declaration.comment.partition("pinproof: ignore")[0]


EXAMPLES = [files_of(rule.section(heading)) for rule in RULES for heading in ("Example", "Use instead")]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_nothing_crashes_on_what_is_left_of_a_file(data: st.DataObject) -> None:
    files = data.draw(st.sampled_from(EXAMPLES))
    path = data.draw(st.sampled_from(sorted(files)))
    content = files[path].encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 20)))
    mutated = content[:start] + data.draw(st.binary(max_size=8)) + content[end:]
    with tempfile.TemporaryDirectory() as name:
        folder = put(files, Path(name))
        (folder / path).write_bytes(mutated)
        with suppress(InputError):  # settings that make no sense: it says where
            fixed(folder, unsafe=True)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_silent_where_nothing_is_declared(rule: object, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\n[project]\nname = 'own'\nrequires-python = '>=3.9'\n"
    )
    _, found = check(tmp_path, CheckSettings(role="both", select=("ALL",)), TableWorld({}), (), TODAY)
    assert found.results == ()
