"""How a run ended -> the status of the typed call that waited for it."""

from __future__ import annotations

from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.failure_pb2 import Failure
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowResponse
from penstock.wire.status import Code, RpcError


def failed(execution_id: str, failure: Failure) -> RpcError:
    """What the author's code raised is UNKNOWN, as gRPC has it for servers in Python; the rest is INTERNAL.

    The failure's own code is the reason.
    """
    facts = {
        "execution_id": execution_id,
        "kind": Failure.Kind.Name(failure.kind),
        "class": Failure.Class.Name(getattr(failure, "class")),
    }
    if failure.HasField("node"):
        facts["node"] = failure.node
    return RpcError(_code(failure), failure.code, failure.message, metadata=facts)


def not_ended(answer: InvokeFlowResponse) -> RpcError:
    """The caller's time is up, or the execution is paused: nobody should wait for a person; it goes on."""
    status = Execution.Status.Name(answer.status)
    if answer.status == Execution.PAUSED:
        return RpcError(
            Code.FAILED_PRECONDITION,
            "PAUSED",
            f"execution {answer.execution_id} is PAUSED and goes on when its pauses are decided",
            metadata={"execution_id": answer.execution_id, "status": status},
        )
    return RpcError(
        Code.DEADLINE_EXCEEDED,
        "NOT_ENDED",
        f"execution {answer.execution_id} is {status} and goes on",
        metadata={"execution_id": answer.execution_id, "status": status},
    )


def _code(failure: Failure) -> Code:
    if failure.code == "CANCELLED":
        return Code.CANCELLED
    if getattr(failure, "class") == Failure.Class.Value("TIMEOUT"):
        return Code.DEADLINE_EXCEEDED
    return Code.UNKNOWN if failure.kind == Failure.Kind.Value("USER") else Code.INTERNAL
