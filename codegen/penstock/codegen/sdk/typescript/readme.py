"""Writes the README of the package: how to make the first call."""

from __future__ import annotations

import json

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.codegen.sdk.typescript.interface import Interface
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.steering import pauses, signals

_README = """\
# {package}

Client of the Penstock flow `{flow}`, version {version}. No dependencies; for Node 20 or later and for browsers.

```console
npm install ./{package}-0.{version}.0.tgz
```

{description}## Call it

```js
import {{ Client, RunFailed }} from "{package}";

const client = new Client({{ url: "http://127.0.0.1:8080", apiKey: process.env.PENSTOCK_API_KEY }});

{call}
```

{others}
## What comes back

Messages are their JSON. 64-bit integers are text, or numbers up to 2^53 where the field says so: `Number(x)` reads
both; an input takes `bigint` too. Bytes are base64, times RFC 3339 (`date.toISOString()`), durations `"1.5s"`, enums
the names of their values; a value that the enum does not name is its number. What an input leaves out is at its
default.

## What goes wrong

Everything that is thrown is a `PenstockError` with `code`, `reason` and `details`.

| class | means |
|---|---|
| `RunFailed` | the run failed or was cancelled; `code` is that of the failure, `node` where it failed |
| `InvalidInput` | the input does not fit; `violations` names what |
| `NotEnded` | `timeoutSeconds` are up; the run goes on: `client.wait(error.executionId)` |
| `Paused` | the run waits for a person; `client.wait(error.executionId, {{ throughPauses: true }})` waits too |
| `Conflict` | the state does not allow it: the run has ended, or the request id was used for another request |
| `NotFound` | no such execution in the account |
| `Unauthenticated` | no key, or a wrong one |
| `Unavailable` | no answer, although it was tried for about 10 s |

Every call has a request id, so that it may be sent again: a lost answer never makes a second run. With `requestId` that
holds across processes, for 24 hours. `signal` stops a call; `client.cancel(executionId)` stops the run.
"""
_INVOKE = """\
try {{
  const output = await client.invoke({sample});
  console.log(output);
}} catch (error) {{
  if (error instanceof RunFailed) console.error(error.code, error.message);
  else throw error;
}}"""
_STREAM = """\
try {{
  for await (const output of client.stream({sample})) console.log(output);
}} catch (error) {{
  if (error instanceof RunFailed) console.error(error.code, error.message);
  else throw error;
}}"""
_OTHERS = """\
```js
const {{ executionId }} = await client.start({sample}); // returns when it is durable
{wait}
for await (const output of client.resume(executionId)) console.log(output);
```

`stream` and `resume` go on after a lost connection where they were: each output comes once. One that is provisional
comes when it can no longer be taken back; `streamFrames` and `resumeFrames` give each at once, as
`{{ index, output, isProvisional }}`, and `{{ rollbackTo }}` when those from there on are taken back.

`labels`, `webhook: {{ url, headers }}`, `configId` and `overwriteCache` are options of what starts a run.
{steering}"""
_WAIT = {
    Artifact.UNARY: "const later = await client.wait(executionId); // the output",
    Artifact.PIPELINE: "await client.wait(executionId);",
}
_SAMPLES_MAX = 3
_SAMPLES = {
    FieldDescriptor.CPPTYPE_STRING: "text",
    FieldDescriptor.CPPTYPE_BOOL: True,
    FieldDescriptor.CPPTYPE_DOUBLE: 1.5,
    FieldDescriptor.CPPTYPE_FLOAT: 1.5,
}


def readme(artifact: Artifact, interface: Interface) -> str:
    """The text of README.md."""
    sample = _sample(interface.input)
    description = artifact.definition.description.strip()
    return _README.format(
        package=f"penstock-{artifact.flow}",
        flow=artifact.flow,
        version=artifact.version,
        description=f"{description}\n\n" if description else "",
        call=(_INVOKE if artifact.mode == Artifact.UNARY else _STREAM).format(sample=sample),
        others=_OTHERS.format(sample=sample, wait=_WAIT[artifact.mode], steering=_steering(artifact)),
    )


def _steering(artifact: Artifact) -> str:
    """How to decide a pause and to send a signal, where the flow waits for them."""
    lines = []
    for pause in pauses(artifact)[:1]:
        value = "{ value }" if pause.needs_value else '{ comment: "fine" }'
        lines += [
            "await client.pauses(executionId); // those that the run came to",
            f'await client.approve(executionId, "{pause.name}", {value});',
            f'await client.reject(executionId, "{pause.name}");',
            f'await client.resumeWith(executionId, "{pause.name}", value);',
        ]
    lines += [f'await client.signal(executionId, "{signal.name}", payload);' for signal in signals(artifact)[:1]]
    return "\n".join(["", "```js", *lines, "```", ""]) if lines else ""


def _sample(message: Descriptor) -> str:
    """An input with its first plain fields."""
    members = [f"{field.name}: {json.dumps(_value(field))}" for field in message.fields if _is_plain(field)]
    return f"{{ {', '.join(members[:_SAMPLES_MAX])} }}" if members else "{}"


def _is_plain(field: FieldDescriptor) -> bool:
    is_bytes = field.type == FieldDescriptor.TYPE_BYTES
    return not (field.is_repeated or field.message_type or is_bytes or field.containing_oneof)


def _value(field: FieldDescriptor) -> object:
    if field.enum_type is not None:
        return field.enum_type.values[0].name
    return _SAMPLES.get(field.cpp_type, 1)
