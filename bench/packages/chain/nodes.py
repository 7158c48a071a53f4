"""Nodes that do next to nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from penstock.sdk import node, pipeline


@dataclass
class Token:
    n: int
    s: str


@node
async def step(token: Token) -> Token:
    return Token(token.n + 1, token.s)


@pipeline
async def frames(token: Token) -> AsyncIterator[Token]:
    for index in range(token.n):
        yield Token(index, token.s)
