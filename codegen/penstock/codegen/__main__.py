"""The command line of the generator: `python -m penstock.codegen [--check]`, `python -m penstock.codegen image`."""

from __future__ import annotations

import argparse
import sys

from penstock.codegen.buf_command import BufMissingError
from penstock.codegen.google_protos import copy_google_protos
from penstock.codegen.image import ImageError, write_image
from penstock.codegen.manifest import Difference, apply, differences
from penstock.codegen.model import ModelError, build_api
from penstock.codegen.project import PROTOS, ROOT
from penstock.codegen.protoc import ProtocError, read_protos


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m penstock.codegen", description="Writes all generated files.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail listing the files that differ")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("image", help="renew proto/image.binpb: from now on this is the API not to break")
    arguments = parser.parse_args()
    try:
        if arguments.verb == "image":
            write_image(ROOT)
            return 0
        found = differences(build_api(read_protos(PROTOS)), ROOT)
    except (ProtocError, ModelError, ImageError, BufMissingError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return _report(found) if arguments.check else _write(found)


def _report(found: list[Difference]) -> int:
    if not found:
        return 0
    print(*found, "run: python -m penstock.codegen", sep="\n", file=sys.stderr)
    return 1


def _write(found: list[Difference]) -> int:
    # Not generated, but buf and editors need them where proto imports start.
    copy_google_protos(PROTOS)
    apply(found, ROOT)
    for difference in found:
        print(f"{'removed' if difference.text is None else 'wrote'} {difference.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
