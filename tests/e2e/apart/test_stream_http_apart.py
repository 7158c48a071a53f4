"""Streams: the tests one folder up, through a gateway apart."""

# Named by their stars: each test of that module is a test of this one.
from tests.e2e.test_stream_http import *  # noqa: F403
