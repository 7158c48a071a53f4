"""Why a client cannot be written."""

from __future__ import annotations

from typing import ClassVar


class SdkError(Exception):
    """The artifact has something that a client in this language cannot have; the text is one sentence for a person."""

    exit_code: ClassVar[int] = 1


class NotInstalled(SdkError):
    """The install lacks what writes the client."""

    exit_code = 3
