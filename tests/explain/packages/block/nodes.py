"""A plain function that keeps its thread."""

import threading
from dataclasses import dataclass

from penstock.sdk import node


@dataclass
class Num:
    value: int = 0


@node
def block(num: Num) -> Num:
    threading.Event().wait()
    return num
