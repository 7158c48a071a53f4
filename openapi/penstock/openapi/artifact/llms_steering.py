"""What a language model needs to know to decide the pauses of an artifact's executions and to send them signals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from penstock.openapi.artifact.samples import sample
from penstock.openapi.artifact.subject import Subject
from penstock.wire.steering import Act, method_name

_EXECUTION = "/invocations/v1/executions/$EXECUTION_ID"


def steering_sections(subject: Subject) -> Iterator[str]:
    """Markdown; nothing for an artifact that waits for nobody."""
    if subject.pauses:
        yield _pauses(subject)
    if subject.signals:
        yield _signals(subject)


def _pauses(subject: Subject) -> str:
    lines = [
        "## Pauses",
        "",
        'A run that waits for a person answers at once, with `"status":"PAUSED"` and without `result`. '
        f"`GET {_EXECUTION}/pauses` says what it asks. A person approves, rejects or resumes:",
        "",
    ]
    for pause in subject.pauses:
        asked = f": {pause.prompt}" if pause.prompt else ""
        lines.append(f"- `{pause.name}`{asked}")
        over = f"needs `value`, a {pause.value_type}" if pause.needs_value else "goes on with its input"
        lines.append(f"  - `POST {_EXECUTION}/pauses/{pause.name}:approve` {over}; optional `comment`")
        lines.append(f"  - `POST {_EXECUTION}/pauses/{pause.name}:reject` ends it with the failure REJECTED")
        lines.append(f"  - `POST {_EXECUTION}/pauses/{pause.name}:resume` takes `value`, a {pause.value_type}")
    pause, value = next(iter(subject.pauses.items()))
    body = {"comment": "As agreed.", **({"value": sample(value)} if pause.needs_value else {})}
    typed = {"execution_id": "$EXECUTION_ID", **body}
    approve = method_name(Act.APPROVE, pause.name)
    calls = (_curl(f"{_EXECUTION}/pauses/{pause.name}:approve", body), _grpcurl(subject, approve, typed))
    return "\n".join([*lines, "", "```sh", *calls, "```"])


def _signals(subject: Subject) -> str:
    routes = [
        f"- `POST {_EXECUTION}/signals/{signal.name}`, whose body is a {signal.payload_type}"
        for signal in subject.signals
    ]
    lines = ["## Signals", "", "A run waits until it hears of these; one that comes early is kept:", "", *routes]
    signal, payload = next(iter(subject.signals.items()))
    typed = {"execution_id": "$EXECUTION_ID", "payload": sample(payload)}
    method = method_name(Act.SIGNAL, signal.name)
    calls = (_curl(f"{_EXECUTION}/signals/{signal.name}", sample(payload)), _grpcurl(subject, method, typed))
    return "\n".join([*lines, "", "```sh", *calls, "```"])


def _curl(path: str, body: Any) -> str:
    return (
        f'curl "$PENSTOCK_URL{path}" -H "Authorization: Bearer $PENSTOCK_API_KEY" \\\n'
        f"  -H 'Content-Type: application/json' -d '{_quoted(body)}'"
    )


def _grpcurl(subject: Subject, method: str, request: dict[str, Any]) -> str:
    # The shell puts the id in: not within the quotes.
    body = _quoted(request).replace("$EXECUTION_ID", "'\"$EXECUTION_ID\"'")
    return (
        'grpcurl -plaintext -H "authorization: Bearer $PENSTOCK_API_KEY" \\\n'
        f"  -d '{body}' \\\n  \"$PENSTOCK_GRPC\" {subject.artifact.service}/{method}"
    )


def _quoted(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
