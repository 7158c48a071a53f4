"""A package's folder as one archive: what is published, stored and unpacked again.

Two archives with equal names and contents have an equal digest, whichever tool made them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from penstock.engine.domain.errors import InvalidArgument, PackageProblems
from penstock.engine.domain.failure import shorten
from penstock.engine.domain.limits import ARCHIVE_BYTES_MAX
from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.limits import FILES_MAX, NAME_BYTES_MAX, PATH_BYTES_MAX, UNPACKED_BYTES_MAX

# Zip knows no earlier time; equal folders give equal archives only with a fixed one.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16


def package_files(folder: Path) -> list[str]:
    """Relative paths with "/" of the files that belong to the package, sorted.

    Caches, compiled files and whatever begins with a dot do not belong to it, nor do its flow files: they are
    compiled by themselves, and a change of one is no change of the code. Raises PackageProblems for a
    linked folder, whose files would be missing without a word.
    """
    files = []
    for directory, names, file_names in os.walk(folder):
        left_out = {"__pycache__", "flows"} if Path(directory) == folder else {"__pycache__"}
        names[:] = sorted(name for name in names if name not in left_out and not name.startswith("."))
        for name in names:
            if (link := Path(directory, name)).is_symlink():
                where = link.relative_to(folder).as_posix()
                raise PackageProblems(folder.name, [Problem(where, "a folder of a package cannot be a symbolic link")])
        files += [
            Path(directory, name).relative_to(folder).as_posix()
            for name in file_names
            if not name.startswith(".") and not name.endswith(".pyc")
        ]
    return sorted(files)


def pack(folder: Path) -> bytes:
    """The folder as a zip archive: equal folders give equal bytes. Raises PackageProblems when it is too large."""
    files = package_files(folder)
    if len(files) > FILES_MAX:
        raise PackageProblems(folder.name, [Problem("", "too many files", f"at most {FILES_MAX}", str(len(files)))])
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in files:
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.external_attr = _PLAIN_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / name).read_bytes())
    if buffer.tell() > ARCHIVE_BYTES_MAX:
        limit = f"at most {ARCHIVE_BYTES_MAX:,} bytes as an archive"
        raise PackageProblems(folder.name, [Problem("", "too large", limit, f"{buffer.tell():,}")])
    return buffer.getvalue()


def digest(archive: bytes) -> str:
    """SHA-256 over names and contents, 64 hex digits. Raises InvalidArgument for a bad archive."""
    total = hashlib.sha256()
    for name, content in sorted(_members(archive)):
        for part in (name.encode(), content):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


def unpack(archive: bytes, into: Path) -> None:
    """Writes the files below `into`, which appears whole or not at all. Does nothing when it is there already.

    Raises InvalidArgument for a bad archive: not a zip, too large, or with a path that leads out of it.
    """
    if into.is_dir():
        return
    into.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".unpack-", dir=into.parent))
    try:
        for name, content in _members(archive):
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            scratch.rename(into)
        except OSError:
            # Another process unpacked the same archive first.
            if not into.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    if len(archive) > ARCHIVE_BYTES_MAX:
        raise _bad(f"expected at most {ARCHIVE_BYTES_MAX:,} bytes, got {len(archive):,}")
    try:
        with zipfile.ZipFile(BytesIO(archive)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _check_entries(entries)
            for entry in entries:
                # Reading stops at the size that the directory of the archive names, which is within the limit.
                yield entry.filename, opened.read(entry)
    except InvalidArgument:
        raise
    except Exception as error:
        # zipfile raises whatever wrong bytes lead it to: ValueError, struct.error, IndexError and more.
        raise _bad(f"expected a zip archive: {error}") from None


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > FILES_MAX:
        raise _bad(f"expected at most {FILES_MAX} files, got {len(entries)}")
    size = sum(entry.file_size for entry in entries)
    if size > UNPACKED_BYTES_MAX:
        raise _bad(f"expected at most {UNPACKED_BYTES_MAX:,} bytes unpacked, got {size:,}")
    seen = set()
    for path in [_plain_path(entry.filename) for entry in entries]:
        if path in seen:
            raise _bad(f'"{path}" is in it twice')
        seen.add(path)
    for path in seen:
        if not seen.isdisjoint(path.parents):
            raise _bad(f'"{path}" is in a file of it')


def _plain_path(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or path.as_posix() != name:
        raise _bad(f'"{name}": expected a plain relative path')
    if any(len(part.encode()) > NAME_BYTES_MAX for part in path.parts) or len(name.encode()) > PATH_BYTES_MAX:
        raise _bad(f'"{shorten(name, 80)}": expected at most {PATH_BYTES_MAX} bytes, {NAME_BYTES_MAX} for each part')
    return path


def _bad(problem: str) -> InvalidArgument:
    return InvalidArgument(f"archive: {problem}", field="archive", reason="BAD_ARCHIVE")
