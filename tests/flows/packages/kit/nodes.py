"""Nodes that do as they are told, so that a test sees each capability of flows by itself."""

import asyncio
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from penstock.sdk import NodeError, PolicyError, ProviderError, UserError, context, node


@dataclass
class Num:
    value: int = 0


@dataclass
class Nums:
    items: list[Num] = field(default_factory=list)


@dataclass
class Three:
    a: int = 0
    b: int = 0
    c: int = 0


@dataclass
class Text:
    text: str = ""


@dataclass
class Texts:
    items: list[Text] = field(default_factory=list)


@dataclass
class Fault:
    kind: str = ""
    """plain, user, policy or system."""
    times: int = 0
    """The attempts up to this one fail."""


@dataclass
class Seen:
    execution_id: str
    node: str
    attempt: int
    idempotency_key: str
    has_deadline: bool
    cancelled: bool
    greeting: str


@node
async def inc(num: Num) -> Num:
    return Num(num.value + 1)


@node
def double(num: Num) -> Num:
    return Num(num.value * 2)


@node
async def spread(num: Num) -> Nums:
    return Nums([Num(value) for value in range(num.value)])


@node
async def total(nums: Nums) -> Num:
    return Num(sum(num.value for num in nums.items))


@node
async def add(three: Three) -> Num:
    return Num(three.a + three.b + three.c)


@node
async def blow_up(num: Num) -> Text:
    """Half of what a message may hold."""
    return Text("x" * (2 * 1024 * 1024 - 100))


@node
async def read(texts: Texts) -> Num:
    return Num(len(texts.items))


@node
async def faulty(fault: Fault) -> Num:
    """Gives the number of the attempt that went well."""
    if context.attempt <= fault.times:
        raise ERRORS[fault.kind]
    return Num(context.attempt)


ERRORS = {
    "plain": ValueError("no luck"),
    "user": UserError("no luck", code="UNLUCKY"),
    "again": UserError("no luck", code="UNLUCKY", retryable=True),
    "policy": PolicyError("not allowed"),
    "system": ProviderError("out of order"),
    "odd": NodeError("odd", code="ODD", retryable=True),
}


@node
async def fails(num: Num) -> Num:
    raise UserError(f"{num.value} is wrong", code="WRONG")


@node
async def hang(num: Num) -> Num:
    await asyncio.Event().wait()
    return num


@node
async def hang_once(num: Num) -> Num:
    if context.attempt == 1:
        await asyncio.Event().wait()
    return Num(context.attempt)


@node
def hang_once_plain(num: Num) -> Num:
    if context.attempt == 1:
        threading.Event().wait()
    return Num(context.attempt)


@node
async def item(num: Num) -> Num:
    """A negative one is wrong, 7 hangs the first time, 8 fails twice."""
    if num.value < 0:
        raise UserError(f"{num.value} is wrong", code="WRONG")
    if num.value == 7 and context.attempt == 1:
        await asyncio.Event().wait()
    if num.value == 8 and context.attempt <= 2:
        raise ProviderError("out of order")
    if num.value == 9:
        await asyncio.Event().wait()
    return Num(num.value * 10 + context.attempt)


MEETINGS: defaultdict[str, asyncio.Barrier] = defaultdict(lambda: asyncio.Barrier(2))


@node
async def meet(num: Num) -> Num:
    """Ends when the other one of its execution is there too."""
    await MEETINGS[context.execution_id].wait()
    return num


@node
async def released(num: Num) -> Num:
    """Goes on when `release` of the same number ran; nobody stops it."""
    while not RELEASED[num.value].is_set():
        try:
            await RELEASED[num.value].wait()
        except asyncio.CancelledError:
            CANCELLED[num.value].set()
    return num


@node
async def release(num: Num) -> Num:
    """Lets `released` go on once it was cancelled."""
    await CANCELLED[num.value].wait()
    RELEASED[num.value].set()
    return num


RELEASED: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
CANCELLED: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)


@node
async def undo(num: Num) -> Num:
    context.log.info(f"undone {num.value}")
    return num


@node(retries={"max_attempts": 3, "initial_backoff": "10ms"})
async def undo_never(num: Num) -> Num:
    raise ProviderError("cannot be undone")


@node(timeout="50ms", retries=2)
async def undo_hangs(num: Num) -> Num:
    await asyncio.Event().wait()
    return num


@node
async def undo_when_released(num: Num) -> Num:
    CANCELLED[num.value].set()  # `release` waits for this; nothing else cancels here
    await RELEASED[num.value].wait()
    return num


@node
async def rescue(num: Num) -> Num:
    return Num(num.value + 100)


@node
async def rescue_fails(num: Num) -> Num:
    raise UserError("no rescue", code="NO_RESCUE")


CALLS: Counter[int] = Counter()


@node
async def counted(num: Num) -> Num:
    """Gives how often it ran with a number."""
    CALLS[num.value] += 1
    await asyncio.sleep(0.05)
    return Num(CALLS[num.value])


@node
async def counted_hanging(num: Num) -> Num:
    """Never ends the first time."""
    CALLS[num.value] += 1
    if CALLS[num.value] == 1:
        await asyncio.Event().wait()
    return Num(CALLS[num.value])


@node
async def counted_failing(num: Num) -> Num:
    CALLS[num.value] += 1
    if CALLS[num.value] == 1:
        raise UserError("not the first time", code="FIRST")
    return Num(CALLS[num.value])


@node
async def sees(num: Num) -> Seen:
    context.log.info("seen")
    context.progress(0.25, "a quarter")
    context.usage(provider="acme", model="large", input_tokens=10, output_tokens=2, cost_usd=0.5)
    context.usage(provider="acme", model="large", input_tokens=1, output_tokens=1, cost_usd=0.25)
    return Seen(
        context.execution_id,
        context.node,
        context.attempt,
        context.idempotency_key,
        context.deadline is not None,
        context.cancelled,
        str(context.config.get("greeting", "")),
    )


@node
async def hears(num: Num) -> Num:
    return Num(num.value + (await context.signal("more", Num)).value)
