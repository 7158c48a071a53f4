"""The packages and flows of `penstock dev`: compiled at the start, and again when a file changes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from watchfiles import Change, DefaultFilter, awatch

from penstock.cli.changes import sentences
from penstock.cli.errors import CliError
from penstock.cli.flow_order import FlowFile, callees_first, flow_names, read_file
from penstock.cli.folders import find_packages, flow_files
from penstock.cli.serving.console import say
from penstock.engine.compiler.uses import packages_of
from penstock.engine.domain.errors import PenstockError
from penstock.engine.nodes import archive
from penstock.engine.rpc.face import Face
from penstock.wire.gen.artifact_pb2 import Artifact

_SETTLE_MS = 100
"""Changes within this time are one: editors and git write several files at once."""

_CATCH_UP_MS = 1000
"""How long after the watch began a file that changed just before it is noticed."""


class DevFlows:
    """What is compiled from the given folders. `artifacts` holds what each flow's `live` points at, by flow."""

    def __init__(self, face: Face, account: str, paths: Sequence[Path]) -> None:
        self._publisher = face.publisher
        self._account = account
        self._paths = paths
        self._is_watching = False
        self._read: Stamps = {}
        self.artifacts: dict[str, Artifact] = {}
        self.example_inputs: dict[str, object] = {}

    async def compile_all(self, packages: Iterable[Path]) -> None:
        """Publishes these packages, then compiles their flows and all that use one of them or run a flow that changed.

        A flow comes after those that it runs. What does not compile is reported; the rest goes on.
        """
        packages = list(packages)
        self._read |= await asyncio.to_thread(_stamps, packages)
        published = {folder: await self._publish(folder) for folder in packages}
        changed = {name for name in published.values() if name}
        files: dict[Path, FlowFile] = {}
        changed_files: set[Path] = set()
        for folder in await asyncio.to_thread(find_packages, self._paths):
            name = published.get(folder)
            if name == "":
                continue  # reported already
            for path in flow_files(folder):
                file = await self._read_flow(path)
                if file is not None:
                    files[path] = file
                    changed_files |= {path} if name else set()
            self._read_example(folder)
        changed_flows: set[str] = set()
        for file in callees_first(list(files.values())):
            is_concerned = changed & packages_of(file.flow) or changed_flows & flow_names(file.flow)
            if (file.path in changed_files or is_concerned) and await self._compile(file):
                changed_flows.add(file.flow.flow)

    async def watch(self, stop: asyncio.Event, changed: Callable[[], None]) -> None:
        """Compiles again what changes until `stop` is set; `changed` is called after each time."""
        if not self._paths:
            await stop.wait()
            return
        roots = [path.resolve() for path in self._paths]
        news = awatch(
            *roots,
            watch_filter=_Sources(),
            debounce=_SETTLE_MS,
            stop_event=stop,
            rust_timeout=_CATCH_UP_MS,
            yield_on_timeout=True,
        )
        async for changes in news:
            touched = {Path(path) for _, path in changes}
            try:
                packages = find_packages(self._paths)
            except CliError as error:
                if touched:
                    _complain(str(error))
                continue
            if not self._is_watching:
                # What changed between its reading and the begin of the watch was not reported.
                self._is_watching = True
                now = await asyncio.to_thread(_stamps, packages)
                touched |= {path for path in now.keys() | self._read.keys() if now.get(path) != self._read.get(path)}
            if not touched:
                continue
            await self.compile_all(
                [folder for folder in packages if any(path.is_relative_to(folder.resolve()) for path in touched)]
            )
            changed()

    async def _publish(self, folder: Path) -> str:
        """The name of the package; "" when it does not load."""
        try:
            content = await asyncio.to_thread(archive.pack, folder)
            return (await self._publisher.publish_package(self._account, content)).name
        except PenstockError as error:
            _complain(str(error))
        except OSError as error:
            _complain(f"package {folder.name} does not load: {error.filename}: {error.strerror}")
        return ""

    async def _read_flow(self, path: Path) -> FlowFile | None:
        try:
            return await asyncio.to_thread(read_file, path)
        except (PenstockError, OSError) as error:
            _complain(f"{path}: {error}")
            return None

    async def _compile(self, file: FlowFile) -> bool:
        """Whether there is a new artifact."""
        before = self.artifacts.get(file.flow.flow)
        try:
            # Who develops changes things; what breaks is told.
            artifact, _ = await self._publisher.compile(
                self._account, file.flow, validate_only=False, allow_breaking=True
            )
        except PenstockError as error:
            _complain(f"{file.path}: {error}")
            return False
        is_new = before is None or before.graph_id != artifact.graph_id
        self.artifacts[artifact.flow] = artifact
        if self._is_watching and is_new:
            verb = "recompiled" if before else "compiled"
            version = f"version {artifact.version}, graph_id {artifact.graph_id}"
            say(f"  {artifact.flow}  {verb}: {version}")
            for sentence in sentences(MessageToDict(artifact.diff, preserving_proto_field_name=True)):
                say(f"    {sentence}")
        return is_new

    def _read_example(self, folder: Path) -> None:
        """input.json beside penstock.yaml is shown in the ready-to-paste lines of the package's flows."""
        try:
            example = json.loads((folder / "input.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        for file in flow_files(folder):
            self.example_inputs[file.stem] = example


Stamps = dict[Path, tuple[int, int]]
"""Time of change in ns and size of each source file, by its resolved path."""


def _stamps(packages: Iterable[Path]) -> Stamps:
    is_source = _Sources()
    stamps = {}
    for folder in packages:
        for path in folder.resolve().rglob("*"):
            # A file may go while we look.
            with suppress(OSError):
                if is_source(Change.modified, str(path)) and path.is_file():
                    status = path.stat()
                    stamps[path] = (status.st_mtime_ns, status.st_size)
    return stamps


class _Sources(DefaultFilter):
    """Leaves out what is not part of a package, as the archive does."""

    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path) and not path.endswith((".pyc", ".pyo", "~"))


def _complain(text: str) -> None:
    say(f"penstock: {text}", sys.stderr)
