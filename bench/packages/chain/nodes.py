"""Nodes that do next to nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from penstock.sdk import node, pipeline

NODE_S = 0.005
"""How long a `pause_step` takes: long enough to be in flight when its process is killed, short beside a recovery."""
WAIT_S = 3_600.0


@dataclass
class Token:
    n: int
    s: str


@node
async def step(token: Token) -> Token:
    return Token(token.n + 1, token.s)


@node
async def pause_step(token: Token) -> Token:
    await asyncio.sleep(NODE_S)
    return Token(token.n + 1, token.s)


@node(timeout=2 * WAIT_S)
async def wait_step(token: Token) -> Token:
    await asyncio.sleep(WAIT_S)
    return token


@node
async def fail_step(token: Token) -> Token:
    raise ValueError(token.s)


@pipeline
async def frames(token: Token) -> AsyncIterator[Token]:
    for index in range(token.n):
        yield Token(index, token.s)


@dataclass
class Tokens:
    tokens: list[Token] = field(default_factory=list)


@node
async def spread(token: Token) -> Tokens:
    return Tokens([Token(index, token.s) for index in range(token.n)])


@node
async def count(tokens: Tokens) -> Token:
    return Token(len(tokens.tokens), "")
