"""What the verbs of the command line are put together from."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import NoReturn, TypeAlias

from penstock.cli.errors import UsageError


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


Verbs: TypeAlias = "argparse._SubParsersAction[Parser]"


def verb(verbs: Verbs, name: str, module: str, about: str) -> Parser:
    parser = verbs.add_parser(name, help=about, description=about, allow_abbrev=False)
    parser.set_defaults(module=f"penstock.cli.{module}")
    return parser


def add_database(parser: Parser) -> None:
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=setting("PENSTOCK_DATA_DIR", ".penstock"),
        help="folder for what is kept on this machine (PENSTOCK_DATA_DIR; %(default)s)",
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        default=setting("PENSTOCK_DATABASE_URL", None),
        help="Postgres to use instead of the embedded one (PENSTOCK_DATABASE_URL)",
    )


def add_output(parser: Parser) -> None:
    parser.add_argument("--output", choices=("table", "json"), default="table", help="for people or for programs")


def setting(variable: str, default: str | None) -> str | None:
    """The environment's word for a flag. An empty variable counts as none: that is how shells unset one in passing."""
    return os.environ.get(variable) or default
