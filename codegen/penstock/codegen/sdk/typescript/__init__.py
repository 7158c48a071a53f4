"""Writes the TypeScript client of an artifact as an archive that npm installs."""

from penstock.codegen.sdk.typescript.package import archive

__all__ = ["archive"]
