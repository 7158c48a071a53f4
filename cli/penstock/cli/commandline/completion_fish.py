"""The completion script for fish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from penstock.cli.commandline.command_tree import Command, Option

_HEAD = """\
# Completes penstock in fish. For every shell to come:
#   penstock completion fish > ~/.config/fish/completions/penstock.fish
function __penstock_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
            case {paths}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c penstock -f
"""


def fish(commands: Sequence[Command]) -> str:
    paths = " ".join(_quoted(command.path) for command in commands if command.path)
    lines = [line for command in commands for line in _lines(command)]
    return _HEAD.replace("{paths}", paths) + "\n".join([*lines, ""])


def _lines(command: Command) -> Iterator[str]:
    begin = f'complete -c penstock -n "__penstock_at {_quoted(command.path)}"'
    for name, about in command.verbs:
        yield f"{begin} -a {_quoted(name)} -d {_quoted(about)}"
    if command.values:
        yield f"{begin} -a {_quoted(' '.join(command.values))}"
    if command.takes_files:
        yield f"{begin} -F"
    for option in command.options:
        yield f"{begin} -l {option.flag.removeprefix('--')}{_value(option)} -d {_quoted(option.about)}"


def _value(option: Option) -> str:
    """How the value of a flag is completed; "" for a flag without one."""
    if option.values:
        return f" -x -a {_quoted(' '.join(option.values))}"
    if option.is_file:
        return " -r -F"
    return " -x" if option.takes else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
