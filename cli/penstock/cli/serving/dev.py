"""`penstock dev`: everything on this machine, packages recompiled as they change."""

from __future__ import annotations

from argparse import Namespace

from penstock.cli.folders import find_packages
from penstock.cli.serving.imports import for_good


def run(args: Namespace) -> int:
    packages = find_packages(args.paths)
    if args.database_url is None:
        from penstock.engine.storage.embedded import start_ahead

        # Postgres comes up while Python imports the server, which takes as long.
        start_ahead(args.data_dir)
    with for_good():
        from penstock.cli.serving.dev_server import run_dev
    return run_dev(args, packages)
