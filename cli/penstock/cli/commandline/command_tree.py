"""The command line as a tree of commands with their options, for shells to complete."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Option:
    """A flag. `values` are those that it takes, when they are known; `takes` says whether it takes one at all."""

    flag: str
    about: str
    takes: bool
    values: tuple[str, ...] = ()
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, or the program itself: `path` is "" for that, " executions list" for a verb of a group."""

    path: str
    verbs: tuple[tuple[str, str], ...]
    """The words that may follow, each with what it is for."""
    options: tuple[Option, ...]
    values: tuple[str, ...] = field(default=())
    """What its arguments may be, when that is known."""
    takes_files: bool = False


def commands(parser: argparse.ArgumentParser, path: str = "") -> Iterator[Command]:
    """The program and all its verbs, each before those below it."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    arguments = [action for action in parser._actions if not action.option_strings and action not in groups]
    yield Command(
        path,
        verbs=tuple((choice.dest, choice.help or "") for group in groups for choice in group._choices_actions),
        options=tuple(option for action in parser._actions for option in _options(action)),
        values=tuple(value for action in arguments for value in _values(action)),
        takes_files=any(_is_file(action) for action in arguments),
    )
    for group in groups:
        for name, below in group.choices.items():
            yield from commands(below, f"{path} {name}")


def _options(action: argparse.Action) -> Iterator[Option]:
    if action.help == argparse.SUPPRESS:
        return
    for flag in action.option_strings:
        if flag.startswith("--"):
            about = " ".join((action.help or "").split())
            yield Option(flag, about, action.nargs != 0, _values(action), _is_file(action))


def _values(action: argparse.Action) -> tuple[str, ...]:
    return () if action.choices is None else tuple(map(str, action.choices))


def _is_file(action: argparse.Action) -> bool:
    return action.type is Path or "FILE" in str(action.metavar)
