"""`penstock completion`: prints what a shell needs to complete commands, made from the command line itself."""

from __future__ import annotations

import argparse

from penstock.cli.commandline.command_tree import commands
from penstock.cli.commandline.completion_bash import bash
from penstock.cli.commandline.completion_fish import fish
from penstock.cli.commandline.completion_zsh import zsh

_SHELLS = {"bash": bash, "fish": fish, "zsh": zsh}


def run(args: argparse.Namespace) -> int:
    from penstock.cli.commandline.arguments import make_parser

    print(_SHELLS[args.shell](list(commands(make_parser()))), end="")
    return 0
