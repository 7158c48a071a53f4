"""Where the project lies that this generator works on."""

from __future__ import annotations

from pathlib import Path

# codegen/penstock/codegen/project.py: the generator runs from a checkout, never from a wheel.
ROOT = Path(__file__).resolve().parents[3]
PROTOS = ROOT / "proto"
