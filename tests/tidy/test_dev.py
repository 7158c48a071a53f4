"""./dev, as far as it can be tried without an install."""

from __future__ import annotations

import subprocess

import pytest

from tests.tidy.tree import ROOT

VERBS = ["run", "test", "check", "bench", "help"]


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "dev"), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [(), ("help",)])
def test_help_lists_the_verbs(arguments: tuple[str, ...]) -> None:
    done = dev(*arguments)
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert (done.returncode, done.stderr, listed) == (0, "", VERBS)


def test_unknown_verb_is_wrong_usage() -> None:
    done = dev("fly")
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (2, "", "dev: there is no verb fly.")
