"""The protoc plugin: everything that is generated from the protos, for `buf generate` and protoc.

Reads a CodeGeneratorRequest from standard input, writes a CodeGeneratorResponse to standard output. File names
in the response are relative to the root of the project, so its `out` is there (buf.gen.yaml).
"""

from __future__ import annotations

import sys

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse

from penstock.codegen.manifest import generate
from penstock.codegen.model import ModelError, build_api


def respond(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """Problems of the protos are in `error`, as protoc asks of plugins."""
    response = CodeGeneratorResponse(supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL)
    try:
        written = generate(build_api(request))
    except ModelError as problem:
        response.error = str(problem)
        return response
    for path, text in written.items():
        response.file.add(name=path, content=text)
    return response


def main() -> None:
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(respond(request).SerializeToString())


if __name__ == "__main__":
    main()
