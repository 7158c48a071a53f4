"""Asks again when a connection broke before the answer came."""

from __future__ import annotations

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CannotConnect, ConnectionBroken
from penstock.cli.patience import Patience


async def post_until_answered(client: Client, path: str, body: JsonObject) -> JsonObject:
    """The answer to a call that is safe to repeat: its body has a request id.

    A server that was never there is told at once; one that goes away is waited for.
    """
    patience = Patience()
    is_repeat = False
    while True:
        try:
            return await client.call("POST", path, body=body)
        except CannotConnect as error:
            is_repeat = is_repeat or isinstance(error, ConnectionBroken)
            if not is_repeat:
                raise
            await patience.wait_or_raise(error)
