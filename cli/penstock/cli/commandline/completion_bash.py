"""The completion script for bash."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.cli.commandline.command_tree import Command

_HEAD = """\
# Completes penstock in bash. For every shell to come:
#   penstock completion bash > ~/.local/share/bash-completion/completions/penstock
_penstock() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} at="" words="" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$at ${COMP_WORDS[i]}" in
"""
_TAIL = """\
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o bashdefault -F _penstock penstock
"""


def bash(commands: Sequence[Command]) -> str:
    paths = [f'"{command.path}"' for command in commands if command.path]
    lines = [f'            {"|".join(paths)}) at+=" ${{COMP_WORDS[i]}}" ;;', "        esac", "    done"]
    lines += ['    case "$at $before" in', *_values(commands), "    esac", '    case "$at" in']
    for command in commands:
        words = [name for name, _ in command.verbs] + list(command.values)
        words += [option.flag for option in command.options]
        files = ' words+=" $(compgen -f -- "$word")"' if command.takes_files else ""
        lines.append(f'        "{command.path}") words="{" ".join(words)}"{files} ;;')
    return _HEAD + "\n".join([*lines, ""]) + _TAIL


def _values(commands: Sequence[Command]) -> list[str]:
    """What follows a flag that takes a value."""
    lines, files, others = [], [], []
    for command in commands:
        for option in command.options:
            pattern = f'"{command.path} {option.flag}"'
            if option.values:
                words = " ".join(option.values)
                lines.append(f'        {pattern}) COMPREPLY=($(compgen -W "{words}" -- "$word")); return ;;')
            elif option.is_file:
                files.append(pattern)
            elif option.takes:
                others.append(pattern)
    if files:
        lines.append(f'        {"|".join(files)}) COMPREPLY=($(compgen -f -- "$word")); return ;;')
    if others:
        lines.append(f"        {'|'.join(others)}) COMPREPLY=(); return ;;")
    return lines
