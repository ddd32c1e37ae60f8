"""Dockerfiles: images and commands."""

from __future__ import annotations

import pytest
from manifests_in_short import installed

from pinproof.facts.manifests import reader_of
from pinproof.facts.manifests.container import read
from pinproof.model.declaration import FilePath

PATH = FilePath("Dockerfile")


def images(text: str) -> list[str]:
    found = read(text, PATH).images
    return [f"{one.span.of(text)} = {one.name}:{one.tag}@{one.digest}" for one in found]


def commands(text: str) -> list[str]:
    return installed(text, read(text, PATH).commands)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM python", ["python = python:@"]),
        ("from python:3.12-slim as base\nFROM base", ["python:3.12-slim = python:3.12-slim@"]),
        ("FROM --platform=$BUILDPLATFORM a/b:1", ["a/b:1 = a/b:1@"]),
        ("FROM a:1@sha256:0f", ["a:1@sha256:0f = a:1@sha256:0f"]),
        ("FROM a@sha256:0f", ["a@sha256:0f = a:@sha256:0f"]),
        ("FROM localhost:5000/a/b", ["localhost:5000/a/b = localhost:5000/a/b:@"]),
        ("FROM scratch", []),
        ("ARG V=3.12\nFROM python:${V}-slim", ["python:${V}-slim = python:3.12-slim@"]),
        ("ARG V\nFROM python:$V", []),
        ("FROM python:${V:-3.12}", ["python:${V:-3.12} = python:3.12@"]),
        ("ARG BASE=python:3.12\nFROM $BASE AS One\nFROM one\nFROM b", ["$BASE = python:3.12@", "b = b:@"]),
        ("FROM a\nARG V=1\nFROM b:$V", ["a = a:@"]),
        ("FROM python:{{ version }}", []),
    ],
)
def test_images(text: str, expected: list[str]) -> None:
    assert images(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN pip install a && pip install b", ["pip install: a", "pip install: b"]),
        (
            "run pip install a \\\n    # not b\n\n    c \\\n  # d\n && pip install e",
            ["pip install: a, c", "pip install: e"],
        ),
        ("RUN pip install a \\  \n  b", ["pip install: a, b"]),
        ('RUN ["pip", "install", "a==1", \\\n "b"]', ["pip install: a==1, b"]),
        ('RUN ["/bin/sh", "-c", "pip install a"]', ["pip install: a"]),
        ("RUN --mount=type=cache,target=/c --network=none pip install a", ["pip install: a"]),
        (
            "RUN <<EOF\npip install a\npip install \\\n  b\nEOF\nRUN pip install c",
            ["pip install: a", "pip install: b", "pip install: c"],
        ),
        ("RUN <<-'EOT' bash -e\n\tpip install a\n\tEOT", ["pip install: a"]),
        ("RUN <<EOF python\nimport pip\npip install a\nEOF", []),
        ("COPY <<EOF /x\npip install a\nEOF", []),
        ("ONBUILD RUN pip install a", ["pip install: a"]),
        ("CMD pip install a", []),
        ("# RUN pip install a", []),
        ("# escape=`\nRUN pip install a `\n  b C:\\x\\", ["pip install: a, b, < C:/x/ ~"]),
        (
            "ENV V=1.0 W='2'\nENV OLD 3\nRUN pip install a==$V b==${W} c==$OLD d==$X",
            ["pip install: a==1.0 ~, b==2 ~, c==3 ~, d==$X ?"],
        ),
        ("ARG V=1\nFROM x\nARG V\nRUN pip install a==$V", ["pip install: a==1 ~"]),
        ("ARG V=1\nFROM x\nRUN pip install a==$V", ["pip install: a==$V ?"]),
        ("ENV V=1\nENV U=$V.2\nRUN pip install a==$U", ["pip install: a==1.2 ~"]),
        (
            "BOGUS é {{ x }}\nRUN pip install é a",
            ["pip install: é ! Expected package name at the start of dependency specifier, a"],
        ),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_commands(text: str, expected: list[str], line_end: str) -> None:
    assert commands(text.replace("\n", line_end)) == expected


def test_a_comment_above_an_argument() -> None:
    text = "RUN pip install \\\n    # the last one that works\n    a==1 \\\n    b"
    (command,) = read(text, PATH).commands
    assert [one.comment for one in command.declarations] == ["the last one that works", ""]


def test_which_files_are_none() -> None:
    assert reader_of(FilePath("Dockerfile.dockerignore")) is None


@pytest.mark.parametrize("name", ["Dockerfile", "x/Containerfile", "Dockerfile.dev", "docker/web.dockerfile"])
def test_which_files(name: str) -> None:
    found = reader_of(FilePath(name))
    assert found is not None
    assert vars(found)["__wrapped__"] is read
