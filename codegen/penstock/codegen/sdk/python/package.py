"""Puts a client together: the messages, the calls, and what pip wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from string import Template

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from penstock.codegen.sdk.python.flavours import Flavour, compiler_version
from penstock.codegen.sdk.python.names import distribution_name
from penstock.codegen.sdk.python.plugin import write_classes
from penstock.codegen.sdk.python.protocol import protocol_file
from penstock.codegen.sdk.python.readme import readme_parts
from penstock.codegen.sdk.python.rename import KNOWN_PACKAGE, Renaming
from penstock.codegen.sdk.python.steering import Place, SteeringText
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import TypePool

_MODULES = (
    "__init__",
    "_codec",
    "_connection",
    "_executions",
    "_flow",
    "_options",
    "_status",
    "_steering",
    "_stream",
    "client",
    "errors",
)
_DURATION = "google/protobuf/duration.proto"


@dataclass(frozen=True, slots=True)
class Package:
    """The files of a source distribution, by their paths below `folder`."""

    folder: str
    files: Mapping[str, bytes]


def write_package(artifact: Artifact, flavour: Flavour) -> Package:
    """The client of an artifact in the FULL view. Raises SdkError."""
    types = TypePool(artifact.descriptors)
    descriptors = FileDescriptorSet.FromString(artifact.descriptors)
    renaming = Renaming(descriptors.file, types.pool, flavour)
    module = f"penstock_{artifact.flow}"
    needs_repair = flavour.owns_known and any(file.name == _DURATION for file in descriptors.file)
    values = _values(artifact, flavour, renaming, types.pool)
    values |= {
        "module": module,
        "input_path": f"{module}{path}" if (path := values["input_module"]).startswith(".") else path,
        "repair": "from . import _repairs  # noqa: F401\n" if needs_repair else "",
    }
    texts = {f"{module}/{name}.py": _filled(f"{name}.py", values) for name in _MODULES}
    if needs_repair:
        texts[f"{module}/_repairs.py"] = _filled("_repairs.py", values)
    for name in ("PKG-INFO", "README.md", "pyproject.toml"):
        texts[name] = _filled(name, values)
    for path, text in write_classes(renaming.files, flavour).items():
        texts[f"{module}/messages/{path}"] = text
    for path, text in write_classes([protocol_file()], flavour).items():
        texts[f"{module}/_protocol/{path}"] = text
    for folder in ("messages", "_protocol"):
        texts.setdefault(f"{module}/{folder}/__init__.py", "")
    texts[f"{module}/py.typed"] = ""
    folder = f"{values['distribution'].replace('-', '_')}-{values['release']}"
    return Package(folder, {path: text.encode() for path, text in texts.items()})


def _values(artifact: Artifact, flavour: Flavour, renaming: Renaming, pool: DescriptorPool) -> dict[str, str]:
    """What stands in the place of each $name of the templates."""
    taken = place_of(artifact.input_type, renaming, flavour)
    given = place_of(artifact.output_type, renaming, flavour)
    is_unary = artifact.mode == Artifact.UNARY
    base = "UnaryClient" if is_unary else "PipelineClient"
    steering = SteeringText(artifact, lambda full_name: place_of(full_name, renaming, flavour))
    return {
        "flow": artifact.flow,
        "version": str(artifact.version),
        "release": f"0.{artifact.version}.0",
        "distribution": distribution_name(artifact.flow),
        "service": artifact.service,
        "graph_id": artifact.graph_id,
        "base": base,
        "input_type": artifact.input_type,
        "imports": steering.imports(base, [(taken, "Input"), (given, "Output")]),
        "methods": steering.methods(),
        "steering": steering.members(),
        "steering_readme": steering.readme(),
        "input_module": taken.module,
        "input_class": taken.name,
        "output_type": artifact.output_type,
        "library": flavour.name,
        "requirement": flavour.requirement(compiler_version(flavour)),
        "parse": flavour.parse,
        **readme_parts(artifact, taken.name, pool.FindMessageTypeByName(artifact.input_type), flavour),
    }


def place_of(full_name: str, renaming: Renaming, flavour: Flavour) -> Place:
    """The class of a message of the artifact."""
    new = renaming.types[full_name]
    package = renaming.package_of(full_name)
    name = import_module(flavour.naming).pythonize_class_name(new.removeprefix(package).removeprefix("."))
    if package == KNOWN_PACKAGE and not flavour.owns_known:
        return Place("betterproto.lib.google.protobuf", name)
    return Place(f".messages.{package}" if package else ".messages", name)


def _filled(name: str, values: Mapping[str, str]) -> str:
    template = files("penstock.codegen.sdk.python").joinpath("templates", f"{name}.in").read_text(encoding="utf-8")
    return Template(template).substitute(values)
