"""The files under gen/ are what the protos give, by whichever way they are generated."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse

from penstock.codegen.generated import GENERATOR
from penstock.codegen.manifest import OUTPUTS, apply, differences, generate
from penstock.codegen.model import Api
from penstock.codegen.project import PROTOS, ROOT
from penstock.codegen.protoc import read_protos
from penstock.codegen.protoc_gen_penstock import respond

ROUTES = "gateway/penstock/gateway/gen/routes.py"


def test_generating_again_changes_nothing(api: Api) -> None:
    assert [str(difference) for difference in differences(api, ROOT)] == []


def test_check_names_each_file_that_differs_is_missing_or_stale(api: Api, tmp_path: Path) -> None:
    apply(differences(api, tmp_path), tmp_path)
    wire = "wire/penstock/wire/gen"
    (tmp_path / ROUTES).write_text("ROUTES = ()\n")
    (tmp_path / wire / "services.py").unlink()
    (tmp_path / wire / "gone_pb2.py").write_text("")

    assert [str(difference) for difference in differences(api, tmp_path)] == [
        f"{wire}/gone_pb2.py: stale, proto/penstock/v1/*.proto give it no more",
        f"{wire}/services.py: missing, proto/penstock/v1/*.proto give it",
        f"{ROUTES}: differs from what proto/penstock/v1/*.proto give",
    ]


def test_writing_leaves_exactly_the_generated_files(api: Api, tmp_path: Path) -> None:
    stale = tmp_path / "wire/penstock/wire/gen/gone_pb2.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("")

    apply(differences(api, tmp_path), tmp_path)

    written = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*.*")}
    assert written == generate(api)


def test_every_generated_file_says_so_in_its_first_line(api: Api) -> None:
    firsts = {path: text.partition("\n")[0] for path, text in generate(api).items()}

    assert [path for path, first in firsts.items() if f"by {GENERATOR}. DO NOT EDIT." not in first] == []


def test_every_folder_of_generated_files_holds_nothing_else() -> None:
    folders = {output.folder for output in OUTPUTS}
    found = {path for folder in folders for path in (ROOT / folder).glob("*.*")}

    foreign = [p.name for p in found if not any(o.owns(p.name) for o in OUTPUTS if ROOT / o.folder == p.parent)]
    assert foreign == []


def test_the_plugin_answers_protoc_with_the_same_files(api: Api) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "penstock.codegen.protoc_gen_penstock"],
        input=read_protos(PROTOS).SerializeToString(),
        capture_output=True,
        check=True,
    )

    response = CodeGeneratorResponse.FromString(done.stdout)
    assert {file.name: file.content for file in response.file} == generate(api)
    assert response.supported_features == CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL


def test_the_plugin_tells_protoc_what_is_wrong_with_the_protos(tmp_path: Path) -> None:
    (tmp_path / "penstock/v1").mkdir(parents=True)
    (tmp_path / "penstock/v1/upload.proto").write_text(
        'syntax = "proto3"; package penstock.v1; message Part {} message Done {}'
        "service UploadService { rpc Upload(stream Part) returns (Done); }"
    )
    request: CodeGeneratorRequest = read_protos(tmp_path)

    assert respond(request) == CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL,
        error="penstock.v1.UploadService.Upload: client streaming has no Protocol and no route",
    )


@pytest.mark.skipif(shutil.which("buf", path=Path(sys.executable).parent) is None, reason="buf is not installed")
def test_buf_generate_writes_the_same_files(api: Api, tmp_path: Path) -> None:
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(folders),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "BUF_CACHE_DIR": str(tmp_path / "cache"),
    }
    output = tmp_path / "output"
    buf = shutil.which("buf", path=folders[0])
    assert buf is not None

    subprocess.run([buf, "generate", "--output", str(output)], cwd=ROOT, env=environment, check=True)

    written = {path.relative_to(output).as_posix(): path.read_text() for path in output.rglob("*.*")}
    assert written == generate(api)
