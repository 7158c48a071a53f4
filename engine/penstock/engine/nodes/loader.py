"""Loads a package from its folder: brings its manifest, message types and code together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

from penstock.engine.domain.artifact import NodeKind
from penstock.engine.domain.errors import PackageProblems
from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.archive import package_files
from penstock.engine.nodes.authoring import Declaration
from penstock.engine.nodes.importing import forget, import_nodes, run_in_thread
from penstock.engine.nodes.limits import IMPORT_S_MAX
from penstock.engine.nodes.listing import listed_signatures
from penstock.engine.nodes.manifest import Manifest, read_manifest
from penstock.engine.nodes.message_types import DataclassTypes, MessageTypes, ProtoTypes
from penstock.engine.nodes.package import LoadedNode, LoadedPackage
from penstock.engine.nodes.protofiles import compile_protos
from penstock.engine.nodes.protomodules import proto_modules
from penstock.engine.nodes.signatures import Signature, Unusable, place, read_signature
from penstock.engine.nodes.unused import own_dataclasses


async def load_package(
    root: Path, digest: str, earlier: bytes | None, *, import_s_max: float = IMPORT_S_MAX
) -> LoadedPackage:
    """The package in the folder `root`, its code imported as penstock_package_<name>_<digest12>.nodes.

    `earlier` is the FileDescriptorSet of the last published version, None for the first one. Raises
    PackageProblems with everything that is wrong, as far as one thing does not hide the other: manifest, then
    .proto files, then import, then all types and nodes together.
    """
    manifest, files = await asyncio.to_thread(_survey, root)
    protos = [file for file in files if file.endswith(".proto")]
    compiled = await compile_protos(manifest.name, root, protos) if protos else None
    load = partial(_load, root, manifest, digest, protos, compiled, earlier)
    return await run_in_thread(manifest.name, load, import_s_max)


def _survey(root: Path) -> tuple[Manifest, list[str]]:
    return read_manifest(root), package_files(root)


def _load(
    root: Path, manifest: Manifest, digest: str, protos: Sequence[str], compiled: bytes | None, earlier: bytes | None
) -> LoadedPackage:
    parent = f"penstock_package_{manifest.name}_{digest[:12]}"
    types: MessageTypes
    modules: dict[str, ModuleType] = {}
    if compiled is None:
        types = DataclassTypes(manifest.name, earlier)
    else:
        types = ProtoTypes(manifest.name, compiled)
        modules = proto_modules(manifest.name, protos, types.pool, parent)
    module, declarations = import_nodes(manifest.name, root, parent, modules)
    signatures, problems = _signatures(manifest, root, module, declarations, types)
    classes = [cls for signature in signatures for cls in (signature.input, signature.output)]
    classes += [cls for signature in signatures for cls in signature.signals.values()]
    problems += types.check(classes)
    if problems:
        forget(parent)
        raise PackageProblems(manifest.name, problems)
    try:
        descriptors = types.build(classes, own_dataclasses(parent))
    except ValueError as error:  # names that clash in a way that only the descriptor pool knows
        forget(parent)
        raise PackageProblems(manifest.name, [Problem("", f"the messages cannot be made: {error}")]) from None
    nodes = {signature.name: _node(signature, types) for signature in signatures}
    return LoadedPackage(manifest.name, manifest.version, manifest.description, digest, descriptors, nodes)


def _signatures(
    manifest: Manifest, root: Path, module: ModuleType, declarations: Sequence[Declaration], types: MessageTypes
) -> tuple[list[Signature], list[Problem]]:
    declared: dict[str, Signature | None] = {}
    problems: list[Problem] = []
    listed_signals = {node.name: node.signals for node in manifest.nodes or ()}
    for declaration in declarations:
        signature = None
        try:
            signature = read_signature(declaration, root, types, listed_signals.get(declaration.name, {}))
        except Unusable as unusable:
            problems += unusable.problems
        if declaration.name in declared:
            problems.append(Problem(place(declaration, root), f"node {declaration.name}: another node has this name"))
        declared[declaration.name] = signature
    if not declarations:
        problems.append(Problem("nodes.py", "it declares no node", "a function with @node or @pipeline", "none"))
    if manifest.nodes is None:
        return [signature for signature in declared.values() if signature is not None], problems
    signatures, disagreements = listed_signatures(manifest.nodes, declared, module, types.full_name)
    return signatures, problems + disagreements


def _node(signature: Signature, types: MessageTypes) -> LoadedNode:
    name = signature.name
    return LoadedNode(
        name=name,
        kind=signature.kind,
        input_type=types.full_name(signature.input),
        output_type=types.full_name(signature.output),
        description=signature.description,
        timeout_s=signature.timeout_s,
        is_async=signature.is_async,
        function=signature.function,
        decode=types.decoder(signature.input, f"{name} cannot take its input"),
        encode=types.encoder(signature),
        takes_frames=signature.takes_frames,
        decode_frame=(
            types.decoder(signature.output, f"{name} cannot take its last frame")
            if signature.kind is NodeKind.PIPELINE
            else None
        ),
        retries=signature.retries,
        secrets=signature.secrets or (),
        signals={signal: types.full_name(cls) for signal, cls in signature.signals.items()},
        signal_codecs={
            signal: types.decoder(cls, f"{name} cannot take the signal {signal}")
            for signal, cls in signature.signals.items()
        },
    )
