"""No file of the project depends on where it was made."""

from __future__ import annotations

import re

import pytest

from tests.tidy.tree import ROOT, project_files

# Put together from pieces, because this file is searched as well.
_DOT = r"\."
REGISTRY = re.compile(
    "|".join(
        _DOT.join(name)
        for name in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs"),
            ("registry", "yarnpkg"),
            ("npmmirror", "com"),
            ("proxy", "golang"),
            ("sum", "golang"),
            ("static", "crates"),
            ("crates", "io"),
            ("buf", "build"),
            ("conda", "anaconda"),
            ("docker", "io"),
            ("ghcr", "io"),
        )
    )
)
# The folder of a user or of a build, as an absolute path; not one in the middle of a longer path or of a URL.
MACHINE_PATH = re.compile(r"(?<![\w.~*}/-])/(?:root|work|workspace|home|Users|tmp|mnt)/[\w.]+")

TEXTS = [path for path in project_files() if b"\0" not in (ROOT / path).read_bytes()[:8192]]


def found(pattern: re.Pattern[str]) -> list[str]:
    """Each match as path:line: text."""
    return [
        f"{path}:{number}: {match[0]}"
        for path in TEXTS
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        for match in pattern.finditer(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert found(REGISTRY) == []


def test_no_file_names_a_path_of_a_machine() -> None:
    assert found(MACHINE_PATH) == []


@pytest.mark.parametrize("host", ["https://files." + "pythonhosted" + ".org/x", "see " + "pypi" + ".org"])
def test_registries_are_recognised(host: str) -> None:
    assert REGISTRY.search(host) is not None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("in " + "/ho" + "me/ada/x", True),
        ('"' + "/ro" + 'ot/.cache"', True),
        ("file:" + "/t" + "mp/x.sock", True),
        ("GET /invocations/v1/ro" + "ot/x", False),
        ("http://host/wo" + "rk/x", False),
        ("/usr/bin/env bash", False),
    ],
)
def test_machine_paths_are_recognised(text: str, is_one: bool) -> None:
    assert (MACHINE_PATH.search(text) is not None) is is_one
