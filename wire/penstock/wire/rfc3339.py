"""Times as text."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp


def rfc3339(time_us: int) -> str:
    """Unix time in microseconds, written as the API writes a Timestamp in JSON: with 0, 3 or 6 digits of a second."""
    time = Timestamp()
    time.FromMicroseconds(time_us)
    return time.ToJsonString()
