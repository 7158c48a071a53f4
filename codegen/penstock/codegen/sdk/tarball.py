"""Packs files into an archive that is the same byte for byte wherever and whenever it is made."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Iterator, Mapping

_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Without a name, a time or an operating system."""
_BLOCK_BYTES_MAX = 0xFFFF


def pack(root: str, files: Mapping[str, bytes]) -> bytes:
    """A .tar.gz of `files` (path -> content) below the folder `root`, by name, of nobody and from no time."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            entry = tarfile.TarInfo(f"{root}/{path}")
            entry.size, entry.mode, entry.mtime = len(files[path]), 0o644, 0
            archive.addfile(entry, io.BytesIO(files[path]))
    return _gzip(tar.getvalue())


def _gzip(content: bytes) -> bytes:
    """`content` as gzip, not made smaller: how small the same bytes get differs between the versions of zlib."""
    ends = struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
    return b"".join((_GZIP_HEADER, *_stored(content), ends))


def _stored(content: bytes) -> Iterator[bytes]:
    """Deflate's blocks of bytes as they are (RFC 1951, 3.2.4)."""
    for start in range(0, max(len(content), 1), _BLOCK_BYTES_MAX):
        block = content[start : start + _BLOCK_BYTES_MAX]
        is_last = start + _BLOCK_BYTES_MAX >= len(content)
        yield struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF) + block
