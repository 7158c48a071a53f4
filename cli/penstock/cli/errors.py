"""What ends a command early: one readable line and an exit code.

Exit codes: 0 ok, 1 the run failed or the server refused, 2 wrong usage, 3 no server could be reached, 130 Ctrl-C.
"""

from __future__ import annotations

from typing import ClassVar


class CliError(Exception):
    """`str()` of it is the line that the user reads."""

    exit_code: ClassVar[int] = 1


class UsageError(CliError):
    """The command line, a file named on it or an environment variable is wrong."""

    exit_code = 2


class CannotConnect(CliError):
    """No Penstock server answers where one is looked for."""

    exit_code = 3


class ConnectionBroken(CannotConnect):
    """A server answered and then went away. What was asked may or may not have happened."""


class Refused(CliError):
    """The server answered with an error.

    `reason` is its stable word in upper case; `violations` are the single things wrong, each one readable line.
    """

    def __init__(self, message: str, reason: str, violations: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.violations = violations
