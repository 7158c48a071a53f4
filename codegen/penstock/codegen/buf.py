"""Checks the protos with buf: `python -m penstock.codegen.buf`. Offline.

They follow the style (lint), are formatted, and break nobody who uses the API of the image.
"""

from __future__ import annotations

import sys

from penstock.codegen.buf_command import EXCLUDE_GOOGLE, BufMissingError, run_buf
from penstock.codegen.image import IMAGE
from penstock.codegen.project import ROOT

_CHECKS = (
    ("lint",),
    ("format", "--diff", "--exit-code", *EXCLUDE_GOOGLE),
    ("breaking", "--against", IMAGE, *EXCLUDE_GOOGLE),
)


def main() -> int:
    """Runs all checks, prints what they found, and gives 1 when one of them failed."""
    failed = 0
    for check in _CHECKS:
        try:
            done = run_buf(ROOT, *check)
        except BufMissingError as problem:
            print(problem, file=sys.stderr)
            return 1
        if done.returncode != 0:
            print(f"buf {' '.join(check)}\n{done.stdout}{done.stderr}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
