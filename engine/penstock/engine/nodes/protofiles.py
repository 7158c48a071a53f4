"""Compiles the .proto files that a package brings.

In a process of its own: the compiler would hold the interpreter while it works, writes its errors past Python,
and could take the engine with it.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import google.api.annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from penstock.engine.domain.errors import PackageProblems
from penstock.engine.domain.failure import shorten
from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.comments import keep_comments_alone
from penstock.engine.nodes.limits import PROTOC_S_MAX
from penstock.engine.nodes.manifest import RESERVED_NAMES

_TOLD_MAX = 50
"""Files whose errors are told; a person does not read more at once, and each takes a run of the compiler."""
_LINE = re.compile(r"(?P<where>[^\s:]+\.proto(?::\d+:\d+)?): (?P<message>.+)")
# The folder that holds google/api, google/rpc and google/type, of googleapis-common-protos.
_GOOGLE = Path(google.api.annotations_pb2.__file__).parents[1]


async def compile_protos(package: str, root: Path, files: Sequence[str]) -> bytes:
    """A serialized FileDescriptorSet, dependencies first, of `files`, which are relative to `root`.

    Their names in it begin with the package: "messages.proto" is "orders/messages.proto". Files import one
    another by their path within the package. Raises PackageProblems with everything that the compiler found.
    """
    with tempfile.TemporaryDirectory(prefix="penstock-protoc-") as folder:
        target = Path(folder, "descriptors.binpb")
        errors = await _protoc(
            package, root, ["--include_imports", "--include_source_info", f"--descriptor_set_out={target}", *files]
        )
        if errors is not None:
            # The compiler stops at the first file with errors; the others are asked for one by one.
            for file in files[:_TOLD_MAX]:
                errors += await _protoc(package, root, [f"--descriptor_set_out={target}", file]) or ""
            raise PackageProblems(package, _problems(errors))
        compiled = FileDescriptorSet.FromString(await asyncio.to_thread(target.read_bytes))
    foreign = list(_reserved(compiled, set(files)))
    if foreign:
        raise PackageProblems(package, foreign)
    for proto in compiled.file:
        if proto.name in files:
            keep_comments_alone(proto)
        else:
            proto.ClearField("source_code_info")
        _rename(proto, package, set(files))
    return compiled.SerializeToString(deterministic=True)


async def _protoc(package: str, root: Path, arguments: Sequence[str]) -> str | None:
    """What the compiler complains of; None when it is content."""
    # -P: with the folder on the module path, a package's own random.py would replace Python's.
    command = [sys.executable, "-P", "-m", "grpc_tools.protoc", "-I.", f"-Igoogle={_GOOGLE}", *arguments]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=root, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(PROTOC_S_MAX):
            _, errors = await process.communicate()
    except TimeoutError:
        problem = Problem("", f"the proto compiler took longer than {PROTOC_S_MAX:.0f} s")
        raise PackageProblems(package, [problem]) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return errors.decode(errors="replace") if process.returncode else None


def _problems(errors: str) -> list[Problem]:
    """One for each error. Other lines are the compiler's own logging, unless there is nothing else."""
    matches = [match for line in dict.fromkeys(errors.splitlines()) if (match := _LINE.fullmatch(line))]
    return [
        Problem(match["where"], match["message"]) for match in matches if not match["message"].startswith("warning:")
    ] or [Problem("", shorten(f"the proto compiler failed: {errors.strip()}"))]


def _reserved(compiled: FileDescriptorSet, own: set[str]) -> Iterator[Problem]:
    for file in compiled.file:
        if file.name in own and file.package.partition(".")[0] in RESERVED_NAMES:
            expected = "a package of your own, such as the name in penstock.yaml"
            yield Problem(file.name, "its proto package is reserved", expected, file.package)


def _rename(file: FileDescriptorProto, package: str, own: set[str]) -> None:
    if file.name in own:
        file.name = f"{package}/{file.name}"
    for index, dependency in enumerate(file.dependency):
        if dependency in own:
            file.dependency[index] = f"{package}/{dependency}"
