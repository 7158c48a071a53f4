"""Clients in Python: a source distribution for each artifact."""

from __future__ import annotations

from penstock.codegen.sdk.python.flavours import DEFAULT, flavour_of
from penstock.codegen.sdk.python.package import write_package
from penstock.codegen.sdk.tarball import pack
from penstock.wire.gen.artifact_pb2 import Artifact


def archive(artifact: Artifact, flavour: str = DEFAULT) -> bytes:
    """A .tar.gz that `pip install` takes. `artifact` is in the FULL view; the same one gives the same bytes.

    `flavour` is the library that the dataclasses of the messages are for. Raises SdkError.
    """
    package = write_package(artifact, flavour_of(flavour))
    return pack(package.folder, package.files)
