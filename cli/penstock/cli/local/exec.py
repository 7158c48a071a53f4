"""`penstock exec`: runs a flow once, in this process, without a server."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from penstock.cli.errors import CliError
from penstock.cli.input import read_input
from penstock.cli.serving.console import say
from penstock.cli.serving.imports import for_good
from penstock.cli.serving.leaving import leave
from penstock.cli.serving.logs import configure_logging
from penstock.cli.sources import Unreadable, find_sources
from penstock.cli.trouble import report, trouble
from penstock.engine.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError

_INTERRUPTED = 130


def run(args: argparse.Namespace) -> int:
    """Ends the process with 0 when the run completed. Raises UsageError, and gives 1, before anything is started."""
    given = {} if args.input is None else read_input(args.input, "INPUT")
    try:
        sources = find_sources(args.file, args.flow)
    except Unreadable as unreadable:
        report([trouble(unreadable.path, unreadable.error)])
        return 1
    configure_logging()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _data_dir(args.data_dir) as data_dir, _postgres(data_dir, args.data_dir is None) as starting:
            with for_good():
                from penstock.cli.local.exec_run import Order, run_once
            order = Order(sources, given, data_dir, starting.result(), args.approve)
            # Not closed: that would wait for what nodes have left in the process.
            code = asyncio.Runner().run(run_once(order))
    except (CliError, EmbeddedPostgresError) as error:
        say(f"penstock: {error}", sys.stderr)
        code = error.exit_code if isinstance(error, CliError) else 1
    except BrokenPipeError:  # the reader of a pipe has seen enough
        code = 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = _INTERRUPTED
    leave(code)


@contextmanager
def _data_dir(given: Path | None) -> Iterator[Path]:
    """The folder that was given, or a new one that is removed at the end."""
    if given is not None:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="penstock-exec-"))
    if os.geteuid() == 0:
        # Postgres does not run as root; whom it runs as has to come to its folder.
        folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgres(data_dir: Path, is_passing: bool) -> Iterator[Future[str]]:
    """The URL of the data directory's server, which comes up while Python imports the engine and is gone afterwards."""
    postgres = EmbeddedPostgres(data_dir, is_passing=is_passing)
    starting = ThreadPoolExecutor(1).submit(asyncio.run, postgres.start())
    try:
        yield starting
    finally:
        wait([starting])
        asyncio.run(postgres.stop())
