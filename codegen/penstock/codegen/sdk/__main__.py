"""Writes the client of an artifact: `python -m penstock.codegen.sdk LANGUAGE [--flavour FLAVOUR]`.

Reads a serialized penstock.v1.Artifact in the FULL view from standard input and writes the archive to standard
output. Exit codes: 0, 1 the artifact has something that a client in this language cannot have, 3 the install lacks
what writes it. The problem is one line on standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from penstock.codegen.sdk.problems import SdkError
from penstock.wire.gen.artifact_pb2 import Artifact

LANGUAGES = ("python", "typescript")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m penstock.codegen.sdk", description="Writes a client.")
    parser.add_argument("language", metavar="LANGUAGE", choices=LANGUAGES, help=" or ".join(LANGUAGES))
    parser.add_argument("--flavour", help="for python: betterproto2 (the default) or betterproto")
    arguments = parser.parse_args()
    if arguments.flavour and arguments.language != "python":
        parser.error("--flavour is for python alone")
    artifact = Artifact.FromString(sys.stdin.buffer.read())
    # By name, so that one language does not pay for what another imports.
    archive: Callable[..., bytes] = import_module(f"penstock.codegen.sdk.{arguments.language}").archive
    try:
        written = archive(artifact, arguments.flavour) if arguments.flavour else archive(artifact)
    except SdkError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    sys.stdout.buffer.write(written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
