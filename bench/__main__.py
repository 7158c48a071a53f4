"""Asks the questions of the bench, in one run on one machine.

A question is a module of bench/questions. A repetition of a question measures everything in it once, so that a
machine that gets slower or faster in between changes all of it alike; tables show medians, and ratios of figures
of the same repetition.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

from bench.bed import Bed, make_bed
from bench.processes import ROOT
from bench.report import markdown

README = ROOT / "bench" / "README.md"


def names() -> list[str]:
    """All questions."""
    return sorted(file.stem for file in (ROOT / "bench" / "questions").glob("[a-z]*.py"))


def answer(name: str, bed: Bed) -> str:
    """The section of one question, as Markdown."""
    start = time.monotonic()
    text = markdown(import_module(f"bench.questions.{name}").ask(bed))
    print(f"bench: {name} took {time.monotonic() - start:.0f} s", file=sys.stderr)
    return text


def filled(document: str, texts: dict[str, str]) -> str:
    """The document with each text between its markers, `<!-- NAME -->` and `<!-- /NAME -->`.

    Raises ValueError when it has not both markers of a name.
    """
    for name, text in texts.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, found, rest = document.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"expected {begin} and after it {end}")
        document = f"{before}{begin}\n{text}\n{end}{after}"
    return document


def _machine(repetitions: int, seconds: float) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    return (
        f"{os.cpu_count()} cores of {_processor()}, Python {platform.python_version()}, commit {commit.stdout.strip()};"
        " servers, Postgres and load generator on one machine;"
        f" medians of {repetitions}, {seconds:g} s a measurement."
    )


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def main() -> None:
    args = _arguments()
    # Ends as Ctrl-C does, so that nothing it started is left.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    machine = _machine(args.repetitions, args.seconds)
    with make_bed(args.repetitions, args.seconds, args.peers) as bed:
        texts = {name: answer(name, bed) for name in args.only}
    if args.only == names():
        texts = {"machine": machine, **texts}
    else:
        texts = {name: f"{text}\n\n{machine}" for name, text in texts.items()}
    print("\n\n".join(texts.values()))
    if args.write:
        README.write_text(filled(README.read_text(), texts))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--only", type=_chosen, default=names(), metavar="NAME[,NAME]", help=f"of {', '.join(names())}")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.8, help="of each measurement")
    parser.add_argument("--peers", action="store_true", help="measure other engines as well")
    parser.add_argument("--write", action="store_true", help="put the tables into bench/README.md")
    return parser.parse_args()


def _chosen(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(names()):
        raise argparse.ArgumentTypeError(f"no question {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    return chosen


if __name__ == "__main__":
    main()
