"""Nodes that pass on what they are given, and tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from penstock.sdk import UserError, context, node, pipeline, sensitive


@dataclass
class Patient:
    name: Annotated[str, sensitive] = ""
    note: str = ""
    town: str = ""


@dataclass
class Ward:
    patients: list[Patient] = field(default_factory=list)


@dataclass
class Visitor:
    note: str = ""


@node
async def look(patient: Patient) -> Patient:
    context.log.info("looked at %s", patient.note)
    context.progress(0.5, f"half of {patient.note}")
    context.usage(provider="acme", model="large", input_tokens=1, output_tokens=1, cost_usd=0.5)
    return patient


@node
async def spread(patient: Patient) -> Ward:
    return Ward([patient, patient])


@node
async def gather(ward: Ward) -> Patient:
    return ward.patients[0]


@node
async def listen(patient: Patient) -> Patient:
    await context.signal("news", Patient)
    return patient


@node
async def fail(patient: Patient) -> Patient:
    if patient.note.startswith("well"):
        return patient
    raise UserError("ill", code="ILL")


@pipeline
def stream(patient: Patient) -> Iterator[Patient]:
    for _ in range(2):
        yield patient


@node
async def greet(visitor: Visitor) -> Visitor:
    return visitor
