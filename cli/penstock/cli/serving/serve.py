"""`penstock serve`: engine and gateway for what was compiled already, in one process or in several."""

from __future__ import annotations

from argparse import Namespace

from penstock.cli.serving.imports import for_good


def run(args: Namespace) -> int:
    # Imported by name, as for a verb: a supervisor needs neither gRPC nor an engine.
    if args.processes > 1:
        from penstock.cli.serving.supervisor import supervise

        return supervise(args)
    if args.database_url is None:
        from penstock.engine.storage.embedded import start_ahead

        # Postgres comes up while Python imports the server, which takes as long.
        start_ahead(args.data_dir)
    with for_good():
        from penstock.cli.serving.serve_one import serve_one
    return serve_one(args)
