"""The types of the TypeScript client: what tsc says to those who use them, whatever their messages are called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.codegen.sdk.typescript import archive
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import TypePool
from tests.harness import Server, open_folder
from tests.sdks import awkward
from tests.sdks.npm import HERE, TYPESCRIPT, Project, artifact_of, compiler, needs_node

pytestmark = needs_node


@pytest.fixture(scope="module")
def tsc(pytestconfig: pytest.Config) -> Path:
    return compiler(pytestconfig.cache.mkdir(f"typescript-{TYPESCRIPT}"))


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The serialized FileDescriptorSet of the package vectors, with its comments."""
    out = tmp_path_factory.mktemp("vectors") / "vectors.binpb"
    source = HERE / "packages" / "vectors"
    options = ("--include_imports", "--include_source_info", f"--descriptor_set_out={out}")
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{source}", *options, "messages.proto"]
    subprocess.run(command, check=True, timeout=60)
    return out.read_bytes()


def artifact(flow: str, descriptors: bytes, input_type: str, output_type: str, mode: Artifact.Mode) -> Artifact:
    return Artifact(
        graph_id="0" * 26,
        flow=flow,
        version=7,
        mode=mode,
        input_type=input_type,
        output_type=output_type,
        descriptors=descriptors,
    )


def test_types_of_pauses_and_signals(tsc: Path, vectors: bytes, tmp_path: Path) -> None:
    project = Project(tmp_path)
    waiting = artifact("wait", vectors, "vectors.Everything", "vectors.Tick", Artifact.UNARY)
    ask = waiting.plan.nodes.add(name="ask", input_type="vectors.Tick", output_type="vectors.Tick")
    fill = waiting.plan.nodes.add(name="fill", input_type="vectors.Tick", output_type="vectors.Point")
    ask.pause.SetInParent(), fill.pause.SetInParent()
    waiting.plan.nodes.add(name="hear").signals.add(name="paid", type="vectors.Point")
    project.install(waiting)
    used = """
        import { Client, Paused } from "penstock-wait";
        import type { Pause, Rollback, StreamFrame, Tick } from "penstock-wait";

        const client = new Client({ url: "http://127.0.0.1:8080", apiKey: "psk" });
        const pauses: Pause[] = await client.pauses("id");
        const one: Pause = await client.approve("id", "ask");
        await client.approve("id", "ask", { comment: "ok", value: { index: 1 } });
        await client.approve("id", "fill", { value: { x: 1 } });
        await client.reject("id", "fill", { comment: "no" });
        await client.resumeWith("id", "fill", { x: 1, y: 2 });
        const sequence: number = await client.signal("id", "paid", { x: 1 }, { requestId: "once" });
        await client.wait("id", { throughPauses: true });
        await client.start({}, { webhook: { url: "https://example.org" }, configId: "fast", overwriteCache: true });
        for await (const frame of client.streamFrames({})) {
          const told: StreamFrame<Tick> | Rollback = frame;
          if (frame.rollbackTo === undefined) console.log(frame.output.index, frame.isProvisional);
          else console.log(frame.rollbackTo);
        }
    """
    assert project.check(tsc, used) == ""
    wrong = """
        import { Client } from "penstock-wait";

        const client = new Client({ url: "http://127.0.0.1:8080", apiKey: "psk" });
        await client.approve("id", "nothing");
        await client.approve("id", "fill");
        await client.resumeWith("id", "fill", { index: 1 });
        await client.signal("id", "sent", {});
    """
    assert project.check(tsc, wrong).count("error TS") == 4


def test_types_of_a_unary_flow(tsc: Path, vectors: bytes, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.install(artifact("echo", vectors, "vectors.Everything", "vectors.Everything", Artifact.UNARY))
    used = """
        import { Client, InvalidInput, PenstockError, RunFailed } from "penstock-echo";
        import type { Colour, Everything, EverythingInput, Input, JsonValue, Output, PointInput } from "penstock-echo";

        const client = new Client({ url: "http://127.0.0.1:8080", apiKey: "psk" });
        const signal = new AbortController().signal;
        const input: Input = { int64_value: 1n, number: 5, colour: "COLOUR_LIME", struct: { a: [null, { b: 1 }] } };
        const output: Output = await client.invoke(input, { signal, timeoutSeconds: 5, requestId: "a" });
        const wide: string = output.int64_value;
        const either: number | string = output.number;
        const ratio: number = output.double_value * 2;
        const maybe: string | undefined = output.maybe_string;
        const colour: Colour = output.colour_list[0] ?? "COLOUR_UNSPECIFIED";
        const point: PointInput | undefined = output.point_map.true;
        const json: JsonValue | undefined = output.struct?.["a"];
        const again: Everything = await client.invoke(output);
        const given: EverythingInput = { inner: { inner: again } };
        for await (const each of client.stream({})) each.string_list.map((text: string) => text.length);
        const { executionId } = await client.start({ text: "x" }, { labels: { a: "b" } });
        const later: Output = await client.wait(executionId);
        for await (const each of client.resume(executionId, { signal })) console.log(each.bool_value);
        await client.cancel(executionId, "enough").catch((error: unknown) => {
          if (error instanceof RunFailed) console.log(error.kind === "USER", error.node, error.executionId.length);
          else if (error instanceof InvalidInput) console.log(error.violations[0]?.field);
          else if (error instanceof PenstockError) console.log(error.code, error.reason, error.details["status"]);
        });
        console.log(wide, either, ratio, maybe, colour, point, json, given, later);
        // @ts-expect-error there is no such field
        await client.invoke({ strin_value: "x" });
        // @ts-expect-error there is no such colour
        await client.invoke({ colour: "COLOUR_BLUE" });
        // @ts-expect-error it may be absent
        output.point.x;
        // @ts-expect-error the key is needed
        new Client({ url: "http://127.0.0.1:8080" });
    """
    assert project.check(tsc, used) == ""


def test_types_of_a_pipeline(tsc: Path, vectors: bytes, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.install(artifact("tick", vectors, "vectors.Ticks", "vectors.Tick", Artifact.PIPELINE))
    used = """
        import { Client, type Tick, type Ticks } from "penstock-tick";

        const client = new Client({ url: "http://127.0.0.1:8080", apiKey: "psk" });
        const ticks: Ticks = { count: 3, step: "9223372036854775807", fails_after: undefined };
        for await (const tick of client.stream(ticks)) {
          const same: Tick = tick;
          console.log(same.index + 1, same.total.length);
        }
        const nothing: null = await client.wait((await client.start(ticks)).executionId);
        console.log(nothing);
        // @ts-expect-error a pipeline has no single output
        await client.invoke(ticks);
    """
    assert project.check(tsc, used) == ""


def test_comments_of_the_protos_are_comments_of_the_types(vectors: bytes, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.install(artifact("tick", vectors, "vectors.Ticks", "vectors.Tick", Artifact.PIPELINE))
    types = (tmp_path / "node_modules" / "penstock-tick" / "dist" / "index.d.ts").read_text()
    assert types.partition("/** How many ticks to give. */\n")[2] == (
        "export interface Ticks {\n"
        "  /** 0 gives none. */\n"
        "  count?: number | undefined;\n"
        "  /** What each adds. Signed 64-bit integer, as text. */\n"
        "  step?: number | bigint | string | undefined;\n"
        "  /** Fails after this many of them. Absent means that it does not. */\n"
        "  fails_after?: number | undefined;\n"
        "}\n"
        "\n"
        "/** One tick. */\n"
        "export interface Tick {\n"
        "  /** From 0. */\n"
        "  index: number;\n"
        "  /** The sum of the steps so far. Signed 64-bit integer, as text. */\n"
        "  total: string;\n"
        "}\n"
    )


def use(*flows: str) -> str:
    """Gives an empty input to each flow, and its output again."""
    return "\n".join(
        f"""
        import * as f{i} from "penstock-{flow}";
        const client{i} = new f{i}.Client({{ url: "http://127.0.0.1:8080", apiKey: "psk" }});
        const empty{i}: f{i}.Input = {{}};
        const output{i}: f{i}.Output = await client{i}.invoke(empty{i});
        const again{i}: f{i}.Input = output{i};
        console.log(again{i});
        """
        for i, flow in enumerate(flows)
    )


def test_awkward_types_compile(tsc: Path, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.install(awkward.reserved_types(), awkward.same_names(), awkward.deep(60))
    assert project.check(tsc, use("reserved", "same", "deep")) == ""


def test_awkward_flows_compile_and_go_there_and_back(tsc: Path, tmp_path: Path) -> None:
    folder = open_folder()
    server = Server(folder / "data", awkward.write_package(folder)).start()
    try:
        artifacts = [artifact_of(server, flow) for flow in awkward.FLOWS]
        project = Project(tmp_path)
        project.install(*artifacts)
        given = awkward.awkward_input()
        cases = [{"flow": flow, "operation": "invoke", "input": given} for flow in awkward.FLOWS]
        url = server.info["http_url"]
        found = project.node("conformance.mjs", {"cases": cases, "url": url, "apiKey": server.key})
    finally:
        server.end()
        shutil.rmtree(folder)
    for made, result in zip(artifacts, found, strict=True):
        types = TypePool(made.descriptors)
        read = types.json.decoder(types.descriptor(made.output_type))
        assert "error" not in result, result
        assert read(result["output"]).SerializeToString(True) == read(given).SerializeToString(True)
    assert project.check(tsc, use(*awkward.FLOWS)) == ""


def test_archive_is_the_same_wherever_it_is_made(vectors: bytes) -> None:
    made = artifact("echo", vectors, "vectors.Everything", "vectors.Everything", Artifact.UNARY)
    here = archive(made)
    assert archive(Artifact.FromString(made.SerializeToString())) == here
    for seed, zone in (("1", "Asia/Kathmandu"), ("2", "America/St_Johns")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        command = [sys.executable, "-m", "penstock.codegen.sdk", "typescript"]
        done = subprocess.run(
            command, input=made.SerializeToString(), capture_output=True, check=True, env=environment, timeout=60
        )
        assert done.stdout == here
