"""The completion script for zsh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from penstock.cli.commandline.command_tree import Command

_HEAD = """\
#compdef penstock
# Completes penstock in zsh. For every shell to come, with a folder of $fpath:
#   penstock completion zsh > ~/.zfunc/_penstock
_penstock() {
    local before=${words[CURRENT - 1]} at=""
    local -i i
    local -a found
    for ((i = 2; i < CURRENT; i++)); do
        case "$at ${words[i]}" in
"""
_TAIL = """\
    esac
    _describe -V penstock found
}
compdef _penstock penstock
"""


def zsh(commands: Sequence[Command]) -> str:
    paths = [f'"{command.path}"' for command in commands if command.path]
    lines = [f'            ({"|".join(paths)}) at+=" ${{words[i]}}" ;;', "        esac", "    done"]
    lines += ['    case "$at $before" in', *_values(commands), "    esac", '    case "$at" in']
    for command in commands:
        words = [_item(name, about) for name, about in command.verbs] + [_item(value) for value in command.values]
        words += [_item(option.flag, option.about) for option in command.options]
        files = " _files;" if command.takes_files else ""
        lines.append(f'        ("{command.path}"){files} found=({" ".join(words)}) ;;')
    return _HEAD + "\n".join([*lines, ""]) + _TAIL


def _values(commands: Sequence[Command]) -> Iterable[str]:
    """What follows a flag that takes a value."""
    for command in commands:
        for option in command.options:
            pattern = f'("{command.path} {option.flag}")'
            if option.values:
                yield f"        {pattern} compadd -- {' '.join(map(_quoted, option.values))}; return ;;"
            elif option.is_file:
                yield f"        {pattern} _files; return ;;"
            elif option.takes:
                yield f"        {pattern} return ;;"


def _item(name: str, about: str = "") -> str:
    return _quoted(name.replace(":", "\\:") + (f":{about}" if about else ""))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
