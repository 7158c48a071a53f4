"""Each searchable field is one value that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.engine.compiler.bounds import SEARCHABLE_MAX
from penstock.engine.compiler.search_paths import NotSearchable, find_field, root_of
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.package_pb2 import PackageNode

_PATH = re.compile(r"(input|output)(\.[A-Za-z_][A-Za-z0-9_]*)+")
_WHERE = "flow"


def check(subject: Subject) -> Iterator[Problem]:
    paths = list(subject.flow.searchable)
    if len(paths) > SEARCHABLE_MAX:
        yield Problem(_WHERE, "too many searchable fields", f"at most {SEARCHABLE_MAX}", str(len(paths)))
        return
    for path in sorted({path for path in paths if paths.count(path) > 1}):
        yield Problem(_WHERE, f"searchable {path}: is there more than once")
    for path in dict.fromkeys(paths):
        yield from _path(subject, path)


def _path(subject: Subject, path: str) -> Iterator[Problem]:
    if not _PATH.fullmatch(path):
        yield Problem(_WHERE, "wrong searchable path", "a path such as input.customer.id or output.total", f'"{path}"')
        return
    if path.startswith("output.") and _gives_frames(subject):
        yield Problem(_WHERE, f"searchable {path}: a pipeline has no output, its frames are not searched")
        return
    root = root_of(subject, path)
    if subject.types is None or not root:
        return
    try:
        find_field(subject.types.descriptor(root), path)
    except NotSearchable as error:
        yield Problem(_WHERE, f"searchable {path}: {error}")


def _gives_frames(subject: Subject) -> bool:
    return any(function.type == PackageNode.Type.PIPELINE for function in subject.functions.values())
