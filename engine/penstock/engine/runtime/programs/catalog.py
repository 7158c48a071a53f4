"""Programs that are ready to run, and what names and aliases stand for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from penstock.engine.domain import limits
from penstock.engine.domain.alias import Target, main_target, pick
from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.domain.ids import is_graph_id
from penstock.engine.domain.standing import Standing
from penstock.engine.nodes import archive
from penstock.engine.nodes.loader import load_package
from penstock.engine.nodes.package import LoadedPackage
from penstock.engine.runtime.clock import random_bits
from penstock.engine.runtime.programs.names import Names
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.programs.sensitive import sensitive_types
from penstock.engine.runtime.tallies import Tallies
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.share import SHARES, share_of
from penstock.wire.types import TypePool


class Catalog:
    """Artifacts and packages never change, so what is loaded once stays right."""

    def __init__(
        self,
        registry: Registry,
        names: Names,
        packages_folder: Path,
        data_key: Callable[[str], Awaitable[DataKey]],
    ) -> None:
        """`packages_folder` is where packages are unpacked; what is missing comes from the database.

        `data_key` gives the key that seals the payloads of an account. Raises MasterKeyError.
        """
        self._registry = registry
        self._names = names
        self._folder = packages_folder
        self._data_key = data_key
        self._programs: OrderedDict[tuple[str, str], Program] = OrderedDict()
        self._packages: dict[tuple[str, str], LoadedPackage] = {}
        self._versions: dict[tuple[str, str, int], str] = {}
        self._loading = asyncio.Lock()
        self.tallies = Tallies()

    @property
    def packages_folder(self) -> Path:
        return self._folder

    async def find(self, account: str, graph_id: str, flow: str, request_id: str) -> tuple[Program, Standing]:
        """The program that an invocation names by `graph_id` or by `flow`, which is a name or name@alias.

        With both, `graph_id` pins what the flow stood for. Raises InvalidArgument when none is given or the two
        do not belong together, NotFound when there is no such artifact.
        """
        if not graph_id and not flow:
            raise InvalidArgument("graph_id: expected graph_id or flow, got neither", field="graph_id")
        program = await self.program(account, graph_id or await self.resolve(account, flow, request_id))
        if graph_id and flow and program.artifact.flow != flow.partition("@")[0]:
            raise InvalidArgument(
                f"graph_id: expected an artifact of flow {flow}, got one of {program.artifact.flow}", field="graph_id"
            )
        return program, await self._names.standing(account, program.graph_id)

    async def resolve(self, account: str, flow: str, request_id: str | None = None) -> str:
        """The graph_id behind name or name@alias. See `target`."""
        return (await self.target(account, flow, request_id)).graph_id

    async def target(self, account: str, flow: str, request_id: str | None = None) -> Target:
        """What name or name@alias stands for. Raises NotFound.

        Of several the one that an invocation with this request id runs, "" for none; with None the one of most weight.
        """
        targets = await self.targets(account, flow)
        if len(targets) == 1:
            return targets[0]
        if request_id is None:
            return main_target(targets)
        return pick(targets, share_of(request_id) if request_id else random_bits() % SHARES)

    async def targets(self, account: str, flow: str) -> tuple[Target, ...]:
        """All that name or name@alias stands for. Raises NotFound."""
        return await self._names.targets(account, flow)

    async def standing(self, account: str, graph_id: str) -> Standing:
        """Whether an artifact that there is should still be used."""
        return await self._names.standing(account, graph_id)

    async def version(self, account: str, flow: str, number: int) -> Program:
        """The program of a flow's artifact by its number. Raises NotFound."""
        key = (account, flow, number)
        graph_id = self._versions.get(key)
        if graph_id is None:
            graph_id = await self._registry.version(account, flow, number)
            if graph_id is None:
                raise NotFound(f"flow {flow} has no version {number}")
            self._versions[key] = graph_id
        return await self.program(account, graph_id)

    def names_changed(self) -> None:
        """Notes that names stand for something else or that a standing changed, for all of this data directory."""
        self._names.changed()

    async def program(self, account: str, graph_id: str) -> Program:
        """The program of an artifact. Raises NotFound, and PackageProblems when its code does not load here."""
        key = (account, graph_id)
        program = self._programs.get(key)
        if program is not None:
            self._programs.move_to_end(key)
            if program.sealing_problem is not None:
                await self._find_key(account, program)
            return program
        async with self._loading:
            program = self._programs.get(key)
            if program is None:
                artifact = await self._registry.artifact(account, graph_id) if is_graph_id(graph_id) else None
                if artifact is None:
                    raise NotFound(f"there is no artifact {graph_id}")
                program = await self._make(account, artifact)
            return program

    async def add(self, account: str, artifact: Artifact) -> Program:
        """Makes a new artifact ready to run."""
        async with self._loading:
            return await self._make(account, artifact)

    async def require_key(self, account: str, artifact: Artifact) -> None:
        """Raises MasterKeyError when what flows through the artifact has to be sealed and cannot be."""
        if sensitive_types(artifact, TypePool(artifact.descriptors)) is not None:
            await self._data_key(account)

    async def package(self, account: str, digest: str, name: str) -> LoadedPackage:
        """A published package with its code. Raises NotFound and PackageProblems."""
        key = (account, digest)
        loaded = self._packages.get(key)
        if loaded is None:
            published = await self._registry.package(account, digest)
            if published is None:
                raise NotFound(f"package {name} {digest[:12]} is not in the database")
            root = self._folder / digest
            if not root.exists():
                content = await self._registry.archive(account, digest)
                assert content is not None
                await asyncio.to_thread(archive.unpack, content, root)
            loaded = await load_package(root, digest, published.descriptors)
            self._packages[key] = loaded
        return loaded

    def keep_package(self, account: str, loaded: LoadedPackage) -> None:
        """Keeps a package that was just loaded to be published."""
        self._packages[account, loaded.digest] = loaded

    async def _find_key(self, account: str, program: Program) -> None:
        """Without it the program can be looked at, and runs nothing."""
        try:
            program.data_key, program.sealing_problem = await self._data_key(account), None
        except MasterKeyError as error:
            program.sealing_problem = error

    async def _make(self, account: str, artifact: Artifact) -> Program:
        packages = {
            name: await self.package(account, digest, name) for name, digest in sorted(artifact.packages.items())
        }
        program = Program(artifact, packages, self.tallies)
        if program.sensitive is not None:
            await self._find_key(account, program)
        self._programs[account, artifact.graph_id] = program
        while len(self._programs) > limits.PROGRAMS_MAX:
            self._programs.popitem(last=False)
        return program
