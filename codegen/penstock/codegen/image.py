"""Keeps proto/image.binpb, the compiled API that `buf breaking` compares the protos with."""

from __future__ import annotations

from pathlib import Path

from penstock.codegen.buf_command import EXCLUDE_GOOGLE, run_buf

IMAGE = "proto/image.binpb"


class ImageError(Exception):
    """buf did not build the image; the text is what it printed."""


def write_image(root: Path) -> None:
    """Makes the protos of now the API that must not break. Raises ImageError and BufMissingError."""
    done = run_buf(root, "build", "--output", IMAGE, "--exclude-source-info", *EXCLUDE_GOOGLE)
    if done.returncode != 0:
        raise ImageError(done.stdout + done.stderr)
