"""Puts the files of the npm package of one artifact together."""

from __future__ import annotations

import json
from importlib.resources import files

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.codegen.comments import read_comments
from penstock.codegen.sdk.tarball import pack
from penstock.codegen.sdk.typescript.declarations import declarations
from penstock.codegen.sdk.typescript.interface import Interface
from penstock.codegen.sdk.typescript.module import module
from penstock.codegen.sdk.typescript.readme import readme
from penstock.codegen.sdk.typescript.steering import steering_members
from penstock.codegen.sdk.typescript.types import given_type
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.steering import pauses, signals
from penstock.wire.types import TypePool

_RUNTIME = (
    "client.d.ts",
    "client.js",
    "errors.d.ts",
    "errors.js",
    "events.js",
    "http.js",
    "json.js",
)
"""The same in every package: files of the folder `runtime`."""


def archive(artifact: Artifact) -> bytes:
    """A .tgz that npm installs, equal byte for byte for an equal artifact. `artifact` is in the FULL view."""
    types = TypePool(artifact.descriptors)
    more = [*(pause.value_type for pause in pauses(artifact)), *(s.payload_type for s in signals(artifact))]
    interface = Interface(types, artifact.input_type, artifact.output_type, more)
    steering = steering_members(artifact, lambda full_name: given_type(interface, types.descriptor(full_name)))
    comments = read_comments(FileDescriptorSet.FromString(artifact.descriptors).file)
    runtime = files(__package__) / "runtime"
    texts = {f"dist/{name}": (runtime / name).read_text("utf-8") for name in _RUNTIME}
    texts["dist/index.js"] = module(artifact, interface)
    texts["dist/index.d.ts"] = declarations(artifact, interface, comments, steering)
    texts["README.md"] = readme(artifact, interface)
    texts["package.json"] = _manifest(artifact)
    return pack("package", {name: text.encode() for name, text in texts.items()})


def package_name(flow: str) -> str:
    """What the package of a flow is imported as."""
    return f"penstock-{flow}"


def _manifest(artifact: Artifact) -> str:
    manifest = {
        "name": package_name(artifact.flow),
        "version": f"0.{artifact.version}.0",
        "description": f"Client of the Penstock flow {artifact.flow}, version {artifact.version}",
        "type": "module",
        "main": "./dist/index.js",
        "types": "./dist/index.d.ts",
        "exports": {".": {"types": "./dist/index.d.ts", "default": "./dist/index.js"}},
        "files": ["dist"],
        "sideEffects": False,
        "engines": {"node": ">=20"},
        "penstock": {"graphId": artifact.graph_id, "digest": artifact.digest, "service": artifact.service},
    }
    return json.dumps(manifest, indent=2) + "\n"
