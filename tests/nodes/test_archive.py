"""A package's folder as one archive."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from pathlib import Path

import pytest

from penstock.engine.domain.errors import InvalidArgument, PackageProblems
from penstock.engine.nodes import archive as archives
from penstock.engine.nodes.archive import digest, pack, unpack
from tests.nodes.folders import write_package

FILES = {"nodes.py": "x = 1\n", "more/flows/b.py": "flows = 1\n", "data/input.txt": "straße\n"}


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_folder_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "shop", FILES)
    unpack(pack(folder), tmp_path / "store" / "shop")
    assert contents(tmp_path / "store" / "shop") == contents(folder)
    assert os.listdir(tmp_path / "store") == ["shop"]


def test_equal_folders_give_equal_bytes_whatever_their_times(tmp_path: Path) -> None:
    one = write_package(tmp_path / "one", FILES)
    two = write_package(tmp_path / "two", dict(reversed(FILES.items())))
    os.utime(two / "nodes.py", (1_000_000_000, 1_000_000_000))
    (two / "nodes.py").chmod(0o755)
    assert pack(one) == pack(two)


def test_what_does_not_belong_to_the_package_stays_out(tmp_path: Path) -> None:
    folder = write_package(tmp_path, FILES)
    before = pack(folder)
    write_package(
        folder,
        {
            ".git/config": "",
            ".env": "",
            "__pycache__/nodes.pyc": "",
            "old.pyc": "",
            "data/.hidden": "",
            ".venv/x.py": "",
            "flows/hello.yaml": "flow: hello\n",
        },
    )
    assert pack(folder) == before


def test_digest_is_of_names_and_contents_alone(tmp_path: Path) -> None:
    folder = write_package(tmp_path, FILES)
    ours = digest(pack(folder))
    members = [(name, path.encode()) for name, path in contents(folder).items()]
    assert digest(zipped(members[::-1])) == ours
    assert len(ours) == 64
    assert digest(zipped([*members, ("more.py", b"")])) != ours
    assert digest(zipped([("a", b"bc")])) != digest(zipped([("ab", b"c")]))


def test_unpacking_again_changes_nothing(tmp_path: Path) -> None:
    unpack(zipped([("a.txt", b"first")]), tmp_path / "shop")
    unpack(zipped([("a.txt", b"second")]), tmp_path / "shop")
    assert contents(tmp_path / "shop") == {"a.txt": "first"}


@pytest.mark.parametrize("name", ["../a.py", "/etc/a.py", "a/../../b.py", "a\\b.py", "C:a.py", "a//b.py", "./a.py"])
def test_path_that_leads_elsewhere_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    archive = zipped([("good.py", b""), (name, b"")])
    with pytest.raises(InvalidArgument, match="expected a plain relative path") as caught:
        unpack(archive, tmp_path / "shop")
    assert (caught.value.field, caught.value.reason) == ("archive", "BAD_ARCHIVE")
    assert os.listdir(tmp_path) == []
    with pytest.raises(InvalidArgument):
        digest(archive)


def test_file_that_is_there_twice_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("a.py", b"1")
        archive.writestr("a.py", b"2")
    with pytest.raises(InvalidArgument, match=r'archive: "a\.py" is in it twice'):
        digest(buffer.getvalue())


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("a", "a/b.py"), '"a/b.py" is in a file of it'),
        (("x" * 256,), "expected at most 1024 bytes, 255 for each part"),
        (("/".join(["x" * 100] * 11),), "expected at most 1024 bytes, 255 for each part"),
    ],
)
def test_paths_that_cannot_be_written_are_refused(names: tuple[str, ...], problem: str) -> None:
    with pytest.raises(InvalidArgument, match=problem):
        digest(zipped([(name, b"") for name in names]))


def test_what_is_no_archive_is_refused() -> None:
    whole = zipped([("a.py", bytes(range(256)) * 4)])
    damaged = [whole[:index] + bytes([whole[index] ^ 0xFF]) + whole[index + 1 :] for index in range(34, 60)]
    for data in (b"", b"PK", b"hello", *damaged):
        with pytest.raises(InvalidArgument, match="archive: expected a zip archive: "):
            digest(data)


def test_any_wrong_byte_anywhere_is_told_as_the_archive_s() -> None:
    whole = zipped([("a.py", b"pass")])
    for index in range(len(whole)):
        for wrong in (0, 1, 127, 255):
            with contextlib.suppress(InvalidArgument):
                digest(whole[:index] + bytes([wrong]) + whole[index + 1 :])


def test_archives_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = write_package(tmp_path, FILES)
    whole = pack(folder)
    monkeypatch.setattr(archives, "UNPACKED_BYTES_MAX", 10)
    with pytest.raises(InvalidArgument, match=r"archive: expected at most 10 bytes unpacked, got 35"):
        digest(whole)
    monkeypatch.setattr(archives, "FILES_MAX", 3)
    with pytest.raises(InvalidArgument, match="archive: expected at most 3 files, got 4"):
        digest(whole)
    with pytest.raises(PackageProblems, match=r"too many files \(expected at most 3, found 4\)"):
        pack(folder)
    monkeypatch.setattr(archives, "FILES_MAX", 4)
    monkeypatch.setattr(archives, "ARCHIVE_BYTES_MAX", 20)
    with pytest.raises(InvalidArgument, match=f"archive: expected at most 20 bytes, got {len(whole)}"):
        digest(whole)
    with pytest.raises(PackageProblems, match="too large"):
        pack(folder)


def test_linked_folder_is_refused(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "shop", FILES)
    (folder / "linked").symlink_to(tmp_path)
    with pytest.raises(PackageProblems, match="linked: a folder of a package cannot be a symbolic link"):
        pack(folder)
