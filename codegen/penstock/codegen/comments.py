"""The comments of proto files: the reader of penstock.openapi.comments, under the name that generators know."""

from __future__ import annotations

from penstock.openapi.comments import read_comments

__all__ = ["read_comments"]
