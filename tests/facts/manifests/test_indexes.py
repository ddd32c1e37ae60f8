"""The indexes that files name."""

from __future__ import annotations

import pytest

from pinproof.facts.manifests import reader_of
from pinproof.facts.manifests.indexes import indexes_of
from pinproof.model.declaration import FilePath


def named(path: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    reader = reader_of(FilePath(path))
    assert reader is not None
    found = indexes_of(reader(text, FilePath(path)))
    return found.extra_index_urls, found.find_links


@pytest.mark.parametrize(
    ("path", "text", "indexes", "links"),
    [
        ("requirements.txt", "-i https://a/s\n--extra-index-url=https://b\nx\n", ("https://a/s", "https://b"), ()),
        ("requirements.txt", "--find-links ./wheels\n-f https://c/links.html\n", (), ("./wheels", "https://c/links.html")),
        ("requirements.txt", "--extra-index-url https://${USER}@a/simple\n", ("https://${USER}@a/simple",), ()),
        ("requirements.txt", "flask\nclick  # or -i said somebody\n", (), ()),
        ("pyproject.toml", '[tool.uv]\nextra-index-url = ["https://a"]\nfind-links = ["w"]\n', ("https://a",), ("w",)),
        ("pyproject.toml", '[[tool.uv.index]]\nname = "a"\nurl = "https://a"\nexplicit = true\n', ("https://a",), ()),
        ("pyproject.toml", '[tool.uv.pip]\nindex-url = "https://a"\n', ("https://a",), ()),
        ("pyproject.toml", '[[tool.poetry.source]]\nname = "a"\nurl = "https://a"\n', ("https://a",), ()),
        ("pyproject.toml", '[[tool.poetry.source]]\nname = "PyPI"\npriority = "primary"\n', (), ()),
        ("pyproject.toml", '[[tool.pdm.source]]\nurl = "https://a"\ntype = "find_links"\n', (), ("https://a",)),
        ("pyproject.toml", "[tool.uv]\nindex = 3\n[tool.poetry]\nsource = [1]\n", (), ()),
        ("Dockerfile", "FROM a\nRUN pip install -i https://a x && rm -f /t/y && sed -i /x/ z\n", ("https://a",), ()),
        ("Dockerfile", "FROM a\nRUN pip install -f https://a/links x\n", (), ("https://a/links",)),
        ("Dockerfile", "FROM a\nENV PIP_EXTRA_INDEX_URL=https://a UV_FIND_LINKS=/w\n", ("https://a",), ("/w",)),
        ("Dockerfile", "FROM a\nARG PIP_INDEX_URL\nRUN pip install -r requirements.txt\n", (), ()),
        ("Dockerfile", "FROM a\nRUN uv pip install --index a=https://a/simple x\n", ("a=https://a/simple",), ()),
    ],
)  # fmt: skip
def test_as_written(path: str, text: str, indexes: tuple[str, ...], links: tuple[str, ...]) -> None:
    assert named(path, text) == (indexes, links)
