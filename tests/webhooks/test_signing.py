"""Signatures of Standard Webhooks 1.0."""

from __future__ import annotations

import base64

from penstock.engine.webhooks.signing import secret_text, signature, signed_headers, webhook_id

# The vector that the libraries of the standard are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIME_S = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

KEY = base64.b64decode(SECRET.removeprefix("whsec_"))


def test_the_vector_of_the_standard_holds() -> None:
    assert signature(KEY, MESSAGE_ID, TIME_S, BODY) == SIGNATURE


def test_headers_are_those_of_the_standard() -> None:
    assert signed_headers([KEY], MESSAGE_ID, TIME_S, BODY) == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_every_valid_secret_signs_the_newest_first() -> None:
    newest = bytes(range(32))
    both = signed_headers([newest, KEY], MESSAGE_ID, TIME_S, BODY)["webhook-signature"]
    assert both == f"{signature(newest, MESSAGE_ID, TIME_S, BODY)} {SIGNATURE}"


def test_each_part_of_the_message_is_signed() -> None:
    others = [(b"other key", MESSAGE_ID, TIME_S, BODY), (KEY, "msg_other", TIME_S, BODY)]
    others += [(KEY, MESSAGE_ID, TIME_S + 1, BODY), (KEY, MESSAGE_ID, TIME_S, BODY + b" ")]
    assert SIGNATURE not in {signature(*other) for other in others}


def test_secrets_and_ids_are_written_as_the_standard_has_them() -> None:
    assert secret_text(KEY) == SECRET
    assert webhook_id("0" * 32) == "msg_" + "0" * 32
