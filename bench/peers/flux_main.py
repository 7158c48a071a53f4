"""The `flux` command, for a database behind a Unix socket.

Flux hands its URL to Alembic as it is, whose settings take the percent signs of an escaped path for
interpolation; they have to be doubled.
"""

from __future__ import annotations

from alembic.config import Config
from flux.cli import cli

_set_main_option = Config.set_main_option


def _set_escaped(self: Config, name: str, value: str) -> None:
    _set_main_option(self, name, value.replace("%", "%%"))


if __name__ == "__main__":
    Config.set_main_option = _set_escaped
    cli()
