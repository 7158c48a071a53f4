"""Carries what a pipeline gives through the unary nodes behind it, one message at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.engine.nodes.authoring import UserError, current
from penstock.engine.runtime.pipelines.frame_judge import FrameJudge
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.node_runner import call_node, encoded, open_secrets

if TYPE_CHECKING:
    from penstock.engine.runtime.walker import Walker


class Behind:
    """The unary nodes between one pipeline node and the next one, or the end."""

    def __init__(
        self, walker: Walker, stage: Attempt, reached: dict[int, None], judge: FrameJudge, given: bytes | None
    ) -> None:
        """`reached` gets the nodes that a message came to in this process. `given` is what the stage takes, None for a
        stream."""
        self._walker = walker
        self._judge = judge
        self._given = given
        self.stage = stage
        self._reached = reached
        self.at = stage
        """Where the message is: what is raised is the failure of this attempt."""
        self.listeners: list[Attempt] = []
        """Attempts that took signals."""

    @property
    def is_judged(self) -> bool:
        """Whether policies look at what the stage gives."""
        return self._judge.looks_after(self.stage.node)

    async def carry(self, output: bytes, taker: int) -> bytes:
        """What comes of one output of the stage: the message for the pipeline node `taker`.

        With -1 for `taker`, the output of the terminal node.
        """
        driver = self._walker.driver
        program, options, runtime = driver.program, driver.options, driver.runtime
        here, terminal = self.stage.node.index, program.graph.terminal
        output = await self._judge.after(self.stage.node, self._given, output)
        while here != terminal:
            target, message = program.route(here, output, driver.input)
            if message is None:
                raise UserError(
                    f"no edge of node {program.nodes[here].name} was taken for a frame:"
                    " no `when` held and there is no `otherwise`",
                    code="NO_BRANCH_TAKEN",
                )
            if target == taker:
                break
            node = program.nodes[target]
            if options is not None:
                node = options.bound(node)
            attempt = self.at = Attempt(self._walker, node, 1, runtime.clock.now_us())
            runtime.attempts.begin(attempt)
            context = current.get()
            try:
                if node.secrets:
                    await open_secrets(attempt)
                message = await self._judge.before(node, message)
                if node.sensitive is not None:
                    attempt.hide(node.sensitive, message)
                output = encoded(node, await call_node(driver, attempt, message))
                output = await self._judge.after(node, message, output)
            finally:
                runtime.attempts.end(attempt)
                # The pipeline's generator goes on in this task.
                current.set(context)
            if attempt.taken_signals:
                self.listeners.append(attempt)
            self._reached[target] = None
            here = target
        else:
            message = output
        self.at = self.stage
        return message
