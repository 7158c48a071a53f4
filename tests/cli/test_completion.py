"""Completion scripts: what bash really offers, and that those of the other shells say the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from penstock.cli.commandline.arguments import make_parser
from penstock.cli.commandline.command_tree import commands
from tests.cli.conftest import Penstock

COMMANDS = list(commands(make_parser()))


@pytest.fixture
def script(penstock: Penstock, tmp_path: Path) -> Path:
    """The script for bash."""
    file = tmp_path / "penstock.bash"
    file.write_text(penstock("completion", "bash").out)
    return file


def offered(script: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    line = " ".join(f"'{word}'" for word in words)
    ask = f"source {script}; COMP_WORDS=(penstock {line}); COMP_CWORD={len(words)}; _penstock"
    print_all = 'printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", f"{ask}; {print_all}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=script.parent,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_offers_verbs_flags_and_values(script: Path) -> None:
    assert {"dev", "invoke", "executions", "completion"} <= set(offered(script, ""))
    assert offered(script, "inv") == ["invoke"]
    assert {"list", "get", "watch", "logs"} <= set(offered(script, "executions", ""))
    assert offered(script, "executions", "watc") == ["watch"]
    assert "--filter" in offered(script, "executions", "list", "--")
    assert offered(script, "executions", "list", "--output", "") == ["table", "json"]
    assert offered(script, "executions", "watch", "abc", "--fl") == ["--flow"]
    assert offered(script, "executions", "watch", "--flow", "") == []
    assert offered(script, "completion", "") == ["bash", "fish", "zsh", "--help"]
    assert offered(script, "nothing", "") == offered(script, "")


def test_bash_offers_files_where_they_belong(script: Path) -> None:
    (script.parent / "package").mkdir()
    assert offered(script, "compile", "pack") == ["package"]
    assert offered(script, "serve", "--data-dir", "pack") == ["package"]


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_every_verb_and_flag_is_in_every_script(penstock: Penstock, shell: str) -> None:
    script = penstock("completion", shell).out
    for command in COMMANDS:
        assert f'"{command.path}"' in script or f"'{command.path}'" in script
        for name, _ in command.verbs:
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", script)
        for option in command.options:
            flag = option.flag.removeprefix("--") if shell == "fish" else option.flag
            assert re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", script), option


def test_hidden_flags_are_not_offered(penstock: Penstock) -> None:
    assert "--child" not in penstock("completion", "bash").out


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_the_shell_itself_finds_no_fault(penstock: Penstock, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    done = subprocess.run([shell, "-n"], input=penstock("completion", shell).out, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_quotes_hold_in_zsh_and_fish(penstock: Penstock) -> None:
    """An odd number of quotes on a line would swallow the next one."""
    for shell in ("fish", "zsh"):
        for line in penstock("completion", shell).out.splitlines():
            if not line.startswith("#"):
                assert line.replace("'\\''", "").replace("\\'", "").count("'") % 2 == 0, line


def test_an_unknown_shell_is_refused(penstock: Penstock) -> None:
    outcome = penstock("completion", "csh")
    assert outcome.code == 2
    assert "csh" in outcome.err
