"""Publishes packages and compiles flows: what FlowService and PackageService share with `penstock dev`."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.naming import is_flow_reference
from penstock.engine.compiler.uses import flows_of, packages_of
from penstock.engine.domain import ids, limits
from penstock.engine.domain.errors import Forbidden, NotFound, PackageProblems, PayloadTooLarge
from penstock.engine.domain.problem import Problem
from penstock.engine.nodes import archive
from penstock.engine.nodes.loader import load_package
from penstock.engine.nodes.manifest import read_manifest
from penstock.engine.nodes.package import LoadedPackage
from penstock.engine.rpc.artifacts.artifact_diffs import ArtifactDiffs, refuse_breaking
from penstock.engine.rpc.messages import timestamp
from penstock.engine.runtime.clock import Clock, random_bits
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.storage.postgres.aliases import Mover
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.artifact_diff_pb2 import ArtifactDiff
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.gen.package_pb2 import Package
from penstock.wire.typed import ServiceName

_OUTPUT_ONLY = ("create_time", "update_time", "live_graph_id")


class Publisher:
    """One at a time among all processes: publishing is rare, and field numbers are handed out in order."""

    def __init__(self, registry: Registry, diffs: ArtifactDiffs, catalog: Catalog, clock: Clock) -> None:
        self._registry = registry
        self._diffs = diffs
        self._catalog = catalog
        self._clock = clock
        self._turn = asyncio.Lock()

    async def publish_package(self, account: str, content: bytes) -> Package:
        """Imports a package and keeps it. Raises PackageProblems; then nothing is kept."""
        _check_size(content)
        async with self._turn, self._registry.publishing():
            return await self._publish_package(account, content)

    async def _publish_package(self, account: str, content: bytes) -> Package:
        digest = await asyncio.to_thread(archive.digest, content)
        package = await self._registry.package(account, digest)
        if package is None:
            loaded = await self._load(account, content, digest)
            package = loaded.to_proto()
            package.create_time.CopyFrom(timestamp(self._clock.now_us()))
            await self._registry.put_package(account, package, content)
            self._catalog.keep_package(account, loaded)
        elif (newest := await self._registry.newest_package(account, package.name)) and newest.digest != digest:
            # An earlier content again: it becomes the newest version.
            package.create_time.CopyFrom(timestamp(self._clock.now_us()))
            await self._registry.put_package(account, package, content)
        return package

    async def _load(self, account: str, content: bytes, digest: str) -> LoadedPackage:
        root = self._catalog.packages_folder / digest
        is_new = not root.exists()
        if is_new:
            await asyncio.to_thread(archive.unpack, content, root)
        try:
            manifest = await asyncio.to_thread(read_manifest, root)
            earlier = await self._registry.newest_package(account, manifest.name)
            return await load_package(root, digest, earlier.descriptors if earlier else None)
        except PackageProblems:
            # What was there before is in use: it may load in another account, with other messages before it.
            if is_new:
                await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)
            raise

    async def compile(
        self,
        account: str,
        flow: Flow,
        *,
        validate_only: bool,
        allow_breaking: bool,
        key_id: str = "",
        archives: Sequence[bytes] = (),
    ) -> tuple[Artifact, bool]:
        """Compiles a flow and points `live` at the artifact. Gives it, with its diff, and whether it is new.

        `archives` are packages in place of the published ones of their names, for a validation.
        `key_id` says who moves `live`, "" for the server itself. Raises FlowDoesNotCompile with every problem,
        BreakingChange unless that is allowed, Superseded when `live` is moved meanwhile, Conflict when an artifact of
        the same content is retired, and MasterKeyError when what flows has to be sealed and cannot be; then nothing
        changes.
        """
        draft = Flow()
        draft.CopyFrom(flow)
        for field in _OUTPUT_ONLY:
            draft.ClearField(field)
        async with self._turn, self._registry.publishing():
            packages = await self._packages_of(account, draft) | await self._unpublished(account, archives)
            artifact = compile_flow(draft, packages, await self._subflows_of(account, draft))
            live = await self._diffs.against_live(account, artifact)
            if not allow_breaking:
                refuse_breaking(draft.flow, live.changes)
            if validate_only:
                same = await self._registry.same_artifact(account, draft.flow, artifact.digest)
                return _with_diff(same or artifact, live.diff), False
            mover = Mover(key_id, self._clock.now_us())
            # What was compared is what is replaced, but for those who take anything.
            seen = None if allow_breaking else live.move
            await self._catalog.require_key(account, artifact)
            published, is_new = await self._registry.publish(account, artifact, draft, mover, self._complete, seen)
            await self._catalog.add(account, published)
            self._catalog.names_changed()
            return _with_diff(published, live.diff), is_new

    def _complete(self, artifact: Artifact, version: int) -> None:
        now_us = self._clock.now_us()
        artifact.graph_id = ids.graph_id(now_us, random_bits())
        artifact.version = version
        artifact.service = str(ServiceName(artifact.flow, version))
        artifact.create_time.CopyFrom(timestamp(now_us))

    async def _unpublished(self, account: str, archives: Sequence[bytes]) -> dict[str, Package]:
        """Packages by name as they would be when they were published now."""
        packages = [await self._unpublished_one(account, content) for content in archives]
        return {package.name: package for package in packages}

    async def _unpublished_one(self, account: str, content: bytes) -> Package:
        _check_size(content)
        digest = await asyncio.to_thread(archive.digest, content)
        published = await self._registry.package(account, digest)
        return published or (await self._load(account, content, digest)).to_proto()

    async def _packages_of(self, account: str, flow: Flow) -> dict[str, Package]:
        packages = {}
        for name in sorted(packages_of(flow)):
            package = await self._registry.newest_package(account, name)
            if package is not None:
                packages[name] = package
        return packages

    async def _subflows_of(self, account: str, flow: Flow) -> dict[str, Artifact]:
        """What the flows that it runs stand for now, as it writes them; those that do not exist are left out."""
        found = {name: await self._subflow(account, name) for name in sorted(flows_of(flow)) if is_flow_reference(name)}
        return {name: artifact for name, artifact in found.items() if artifact is not None}

    async def _subflow(self, account: str, name: str) -> Artifact | None:
        try:
            graph_id = await self._catalog.resolve(account, name)
        except NotFound:
            return None
        return await self._registry.artifact(account, graph_id)


class ClosedPublisher(Publisher):
    """Takes no code from anybody. Flows of packages that are there are compiled as ever."""

    async def publish_package(self, account: str, content: bytes) -> Package:
        raise _closed()

    async def compile(
        self, account: str, flow: Flow, *, archives: Sequence[bytes] = (), **options: Any
    ) -> tuple[Artifact, bool]:
        if archives:
            raise _closed()
        return await super().compile(account, flow, **options)


def _closed() -> Forbidden:
    return Forbidden("publishing is turned off on this server", reason="PUBLISHING_OFF")


def _check_size(content: bytes) -> None:
    if len(content) > limits.ARCHIVE_BYTES_MAX:
        raise PayloadTooLarge(
            f"archive: expected at most {limits.ARCHIVE_BYTES_MAX} bytes, got {len(content)}",
            facts={"limit_bytes": str(limits.ARCHIVE_BYTES_MAX)},
        )


def _with_diff(artifact: Artifact, diff: ArtifactDiff | None) -> Artifact:
    """A copy with what it means for callers: no part of the artifact itself."""
    answer = Artifact()
    answer.CopyFrom(artifact)
    if diff is not None:
        answer.diff.CopyFrom(diff)
        answer.diff.after = artifact.graph_id
    return answer


def read_folder(folder: Path) -> bytes:
    """A package's folder as an archive. Raises PackageProblems when it is none."""
    if not (folder / "penstock.yaml").is_file():
        raise PackageProblems(folder.name, [Problem(str(folder), "expected a penstock.yaml in the folder, found none")])
    return archive.pack(folder)
