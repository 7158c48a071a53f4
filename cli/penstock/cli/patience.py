"""How long a command waits for a server that went away to come back."""

from __future__ import annotations

import asyncio

# Together half a minute: a server that is started again is ready within seconds, one on another machine a little later.
DELAYS_S = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0, 5.0, 5.0, 5.0, 10.0)


class Patience:
    """Counts the tries since something last worked."""

    def __init__(self) -> None:
        self._tries = 0

    def worked(self) -> None:
        """Starts the count anew."""
        self._tries = 0

    async def wait_or_raise(self, error: Exception) -> None:
        """Waits before the next try, longer each time; raises `error` when there have been enough."""
        if self._tries == len(DELAYS_S):
            raise error
        delay_s = DELAYS_S[self._tries]
        self._tries += 1
        await asyncio.sleep(delay_s)
