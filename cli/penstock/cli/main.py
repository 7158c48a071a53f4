"""Entry of the `penstock` command."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from penstock.cli.commandline.arguments import parse
from penstock.cli.errors import CliError

_INTERRUPTED = 130

# No verb forks by itself; without this gRPC prints a line for each program that a server starts. Read at its import.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code. `argv` is without the program's name; None means sys.argv."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        # Data may hold what the terminal's encoding cannot show; that is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        args = parse(argv)
        # Imported by name so that a verb pays for its own imports alone.
        code: int = import_module(args.module).run(args)
        sys.stdout.flush()
    except CliError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has seen enough (`| head`); python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("PENSTOCK_DEBUG"):
            raise
        return _complain(f"{type(error).__name__}: {error} (PENSTOCK_DEBUG=1 shows where)", 1)
    return code


def _open_what_is_closed() -> None:
    """A shell may close a stream (`2>&-`); what would have been written there goes nowhere."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - open until the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - open until the end


def _complain(text: str, code: int) -> int:
    print(f"penstock: {text}", file=sys.stderr)
    return code
