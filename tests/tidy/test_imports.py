"""A part imports what stands above it, never below: the code is held to the table here."""

from __future__ import annotations

import ast
import sys

from tests.tidy.imports import imported_modules, module_name, syntax
from tests.tidy.tree import part_modules

ENGINE = (
    "engine.domain",
    "engine.documents",
    "engine.compiler",
    "engine.storage",
    "engine.nodes",
    "engine.runtime",
    "engine.webhooks",
    "engine.rpc",
)
EVERYTHING = ("wire", "openapi", *ENGINE, "engine.telemetry", "engine.app", "gateway", "sdk", "cli")

# Part -> the parts that it may import, itself aside. Nothing may import codegen.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "wire": (),
    "openapi": ("wire",),
    "codegen": ("wire", "openapi"),
    "engine.domain": (),
    "engine.documents": ("engine.domain", "wire"),
    "engine.compiler": ("engine.domain", "engine.documents", "wire"),
    "engine.storage": ("engine.domain", "wire"),
    "engine.nodes": ("engine.domain", "engine.documents", "wire"),
    "engine.runtime": ("engine.domain", "engine.storage", "engine.nodes", "wire"),
    "engine.webhooks": ("engine.domain", "engine.storage", "engine.runtime", "wire"),
    "engine.rpc": (*ENGINE, "wire"),
    "engine.telemetry": (*ENGINE, "wire"),
    "engine.app": (*ENGINE, "engine.telemetry", "wire"),
    "gateway": ("wire", "openapi"),
    "sdk": ("engine.nodes.authoring",),
    "cli": EVERYTHING,
}

# The core takes time, ids and randomness as arguments, and waits for nothing.
NOT_PURE = {"asyncio", "io", "os", "random", "secrets", "time", "uuid"}
CLOCK_READS = {"now", "utcnow", "today"}

# Library -> the only modules that may import it, by the beginning of their names.
ONLY_IN = {
    "opentelemetry": ("penstock.engine.telemetry.otlp",),
    "cryptography": (
        "penstock.engine.storage.sealing",
        "penstock.engine.storage.data_keys",
        "penstock.engine.storage.audit_keys",
    ),
    "psycopg": ("penstock.engine.storage.postgres", "penstock.engine.storage.journal"),
    "psycopg_pool": ("penstock.engine.storage.postgres", "penstock.engine.storage.journal"),
    "grpc": ("penstock.engine.rpc", "penstock.engine.app", "penstock.gateway.remote", "penstock.wire.gen"),
}

MODULES = {module_name(path): path for path in part_modules()}


def is_within(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def part_of(name: str) -> str:
    """The part that a module of penstock belongs to, "" for none."""
    return next((part for part in MAY_IMPORT if is_within(name, f"penstock.{part}")), "")


def test_every_part_of_the_table_has_modules_and_every_module_a_part() -> None:
    assert set(map(part_of, MODULES)) == set(MAY_IMPORT)


def test_modules_import_only_parts_above_their_own() -> None:
    offences = set()
    for name, path in MODULES.items():
        part = part_of(name)
        allowed = [f"penstock.{above}" for above in (part, *MAY_IMPORT.get(part, ()))]
        # `from penstock import wire` names penstock itself, which is no part but the namespace of all.
        ours = {imported for imported in imported_modules(path) if imported.startswith("penstock.")}
        offences |= {(name, imported) for imported in ours if not is_within(imported, *allowed)}
    assert offences == set()


def test_domain_imports_only_the_standard_library_and_reads_no_clock() -> None:
    offences = set()
    for name, path in MODULES.items():
        if part_of(name) == "engine.domain":
            libraries = {imported.split(".")[0] for imported in imported_modules(path)} - {"penstock"}
            offences |= {(name, library) for library in libraries - sys.stdlib_module_names | libraries & NOT_PURE}
            attributes = {node.attr for node in ast.walk(syntax(path)) if isinstance(node, ast.Attribute)}
            offences |= {(name, attribute) for attribute in attributes & CLOCK_READS}
    assert offences == set()


def test_libraries_are_imported_only_where_they_belong() -> None:
    offences = set()
    for name, path in MODULES.items():
        libraries = {imported.split(".")[0] for imported in imported_modules(path)} & ONLY_IN.keys()
        offences |= {(name, library) for library in libraries if not is_within(name, *ONLY_IN[library])}
    assert offences == set()
