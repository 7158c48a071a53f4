"""A node that tells which process runs it."""

import os
from dataclasses import dataclass

from penstock.sdk import node


@dataclass
class Nothing:
    pass


@dataclass
class Process:
    pid: int = 0


@node
async def which(request: Nothing) -> Process:
    return Process(os.getpid())
