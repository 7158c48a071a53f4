"""Nodes that give back what they take."""

from collections.abc import AsyncIterator

from penstock.sdk import node, pipeline

from .messages_pb2 import Everything


@node
async def echo(given: Everything) -> Everything:
    return given


@pipeline
async def twice(given: Everything) -> AsyncIterator[Everything]:
    yield given
    yield given
