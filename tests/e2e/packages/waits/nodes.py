"""A node that waits until it is cancelled."""

import asyncio
from dataclasses import dataclass

from penstock.sdk import node


@dataclass
class Nothing:
    pass


@node
async def wait(request: Nothing) -> Nothing:
    await asyncio.Event().wait()
    return request
