"""The libraries that a client's dataclasses can be for, and the protoc plugin of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from penstock.codegen.sdk.problems import NotInstalled, SdkError

EXTRA = "penstock[sdk]"


@dataclass(frozen=True, slots=True)
class Flavour:
    """`module` is run as the plugin with `parameter`. `compiler` is the distribution that it comes with.

    `requirement` turns the version of that distribution into what a client depends on. `parse` is a Python expression
    for the message that the bytes `data` are, of the class `cls`. `naming` is the plugin's module that names classes,
    and `cuts_members` tells whether it looks for the name of an enum anywhere in those of its values. `owns_known`
    tells whether the client has classes of its own for the well-known types. `fields_reserved` are folded names that
    no field may have, because later fields of the same class are annotated with them.
    """

    name: str
    module: str
    parameter: str
    compiler: str
    requirement: Callable[[str], str]
    parse: str
    cuts_members: bool
    naming: str
    owns_known: bool
    fields_reserved: frozenset[str] = frozenset()


def _same_minor(compiler: str) -> str:
    """What betterproto2 takes: it refuses code that a compiler of another minor version wrote."""
    major, minor = compiler.split(".")[:2]
    return f"betterproto2>={major}.{minor}.0,<{major}.{int(minor) + 1}"


DEFAULT = "betterproto2"
FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour(
            name=DEFAULT,
            module="betterproto2_compiler.plugin",
            parameter="client_generation=none,server_generation=none",
            compiler="betterproto2-compiler",
            requirement=_same_minor,
            parse="cls.parse(data)",
            cuts_members=False,
            naming="betterproto2_compiler.compile.naming",
            owns_known=True,
        ),
        Flavour(
            name="betterproto",
            module="betterproto.plugin",
            parameter="",
            compiler="betterproto",
            requirement=lambda compiler: f"betterproto=={compiler}",
            parse="cls().parse(data)",
            cuts_members=True,
            naming="betterproto.compile.naming",
            owns_known=False,
            fields_reserved=frozenset(
                ["bool", "bytes", "datetime", "dict", "float", "int", "list", "optional", "str", "timedelta"]
            ),
        ),
    )
}


def flavour_of(name: str) -> Flavour:
    """Raises SdkError for a name that is none, NotInstalled when its compiler is not there."""
    if name not in FLAVOURS:
        raise SdkError(f'flavour: expected {" or ".join(FLAVOURS)}, got "{name}"')
    compiler_version(FLAVOURS[name])
    return FLAVOURS[name]


def compiler_version(flavour: Flavour) -> str:
    try:
        return version(flavour.compiler)
    except PackageNotFoundError:
        raise NotInstalled(
            f"clients in Python need {flavour.compiler}, which is not installed: pip install '{EXTRA}'"
        ) from None
