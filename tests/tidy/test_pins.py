"""constraints.txt pins what pyproject.toml asks for, and says nothing of where it comes from."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tidy.tree import ROOT

LINES = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
# The extras that ./dev installs.
EXTRAS = ("test", "lint", "sdk", "otel")


def test_every_pin_is_a_name_and_one_version() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


def test_everything_that_is_asked_for_is_pinned_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {canonicalize_name(name): version for name, version in (line.split("==") for line in LINES)}
    wanted = [*project["dependencies"], *(one for extra in EXTRAS for one in project["optional-dependencies"][extra])]
    outside = {
        text: pins.get(canonicalize_name(requirement.name), "not pinned")
        for text in wanted
        if not (requirement := Requirement(text)).specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    }
    assert outside == {}
