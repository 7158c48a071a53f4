"""What a node raised, as the failure that callers see."""

from __future__ import annotations

import pytest

from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.engine.domain.limits import FAILURE_MESSAGE_LENGTH_MAX, TRACEBACK_LENGTH_MAX
from penstock.engine.nodes.authoring import NodeError, ProviderError, UserError
from penstock.engine.nodes.codecs import WrongOutput
from penstock.engine.runtime.running.failures import failure_of
from penstock.wire.expressions import EvaluationError

SECRET = "sk_live_1234"


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def redact(text: str) -> str:
    return text.replace(SECRET, "[secret stripe_key]")


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (ValueError("x"), "NODE_RAISED", True),
        (ProviderError("x"), "PROVIDER_ERROR", True),
        (UserError("x"), "USER_ERROR", False),
        (UserError("x", retryable=True), "USER_ERROR", True),
        (WrongOutput("x"), "WRONG_OUTPUT", False),
        (SystemExit(1), "NODE_EXITED", False),
        (EvaluationError("x"), "EDGE_FAILED", False),
    ],
)
def test_failure_says_whether_another_attempt_may_help(error: BaseException, code: str, retryable: bool) -> None:
    failure = failure_of(raised(error), "charge", 2)
    assert (failure.code, failure.retryable, failure.node, failure.attempt) == (code, retryable, "charge", 2)


def test_redaction_reaches_code_message_and_traceback() -> None:
    failure = failure_of(raised(NodeError(f"key {SECRET}", code=f"X_{SECRET}")), "charge", 1, redact)
    assert (failure.code, failure.message) == ("X_[secret stripe_key]", "key [secret stripe_key]")
    assert failure.traceback is not None
    assert SECRET not in failure.traceback
    assert failure.traceback.endswith("NodeError: key [secret stripe_key]\n")


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, EvaluationError])
def test_redaction_reaches_every_kind_of_failure(error: type[BaseException]) -> None:
    failure = failure_of(raised(error(f"key {SECRET}")), "charge", 1, redact)
    assert "key [secret stripe_key]" in failure.message
    assert SECRET not in f"{failure.message}{failure.traceback}"


def test_secret_at_the_cut_is_redacted_as_a_whole() -> None:
    for before in range(FAILURE_MESSAGE_LENGTH_MAX - 40, FAILURE_MESSAGE_LENGTH_MAX):
        failure = failure_of(raised(UserError("x" * before + SECRET)), "charge", 1, redact)
        assert "sk_" not in failure.message
    for behind in range(TRACEBACK_LENGTH_MAX - 80, TRACEBACK_LENGTH_MAX):
        failure = failure_of(raised(UserError(SECRET + "x" * behind)), "charge", 1, redact)
        assert failure.traceback is not None
        assert "1234" not in failure.traceback


def test_error_that_is_made_of_nonsense_is_still_a_failure() -> None:
    class Mute:
        def __str__(self) -> str:
            raise SystemExit

    error = NodeError("half \udcff")
    error.code = Mute()  # type: ignore[assignment]
    error.kind = error.failure_class = 7  # type: ignore[misc,assignment]
    failure = failure_of(error, "charge", 1)
    assert failure == Failure(
        "NODE_ERROR",
        "half ?",
        FailureKind.USER,
        FailureClass.LOGIC,
        node="charge",
        attempt=1,
        traceback=failure.traceback,
    )
