"""The protos keep to the style and break nobody; what would is told."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from penstock.codegen import buf
from penstock.codegen.buf_command import run_buf
from penstock.codegen.image import IMAGE, ImageError, write_image
from penstock.codegen.project import PROTOS, ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("buf", path=Path(sys.executable).parent) is None, reason="buf is not installed"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(PROTOS, tmp_path / "proto")
    shutil.copyfile(ROOT / "buf.yaml", tmp_path / "buf.yaml")
    return tmp_path


def edit(project: Path, file: str, old: str, new: str) -> None:
    path = project / "proto/penstock/v1" / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_the_protos_pass_all_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert (buf.main(), capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("string reason = 2;", "string why = 2;", 'changed name from "reason" to "why"'),
        ("  // Why, for whoever reads the log. At most 1,024 characters.\n", "", "should have a non-empty comment"),
        ("  string reason = 2;", "    string reason = 2;", "+  string reason = 2;"),
    ],
)
def test_a_change_that_breaks_style_or_callers_is_told(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    complaint: str,
) -> None:
    write_image(project)
    edit(project, "execution_service.proto", old, new)
    monkeypatch.setattr(buf, "ROOT", project)

    assert buf.main() == 1
    assert complaint in capsys.readouterr().err


def test_a_renewed_image_makes_the_protos_of_now_the_api(project: Path) -> None:
    edit(project, "execution_service.proto", "string reason = 2;", "string why = 2;")

    write_image(project)

    assert run_buf(project, "breaking", "--against", IMAGE).returncode == 0


def test_an_image_of_broken_protos_is_refused_naming_the_line(project: Path) -> None:
    edit(project, "frame.proto", "bool is_final = 5;", "bool is_final = ;")

    with pytest.raises(ImageError, match=r"penstock/v1/frame\.proto:\d+:\d+"):
        write_image(project)
