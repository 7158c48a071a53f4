"""The audit log and the end of a server, of either kind."""

from __future__ import annotations

from typing import Any

from tests.harness import EXAMPLES, Server, running

CONFIGS = "/configs/v1/configs"


def methods(server: Server) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = server.request("GET", "/audit/v1/records").json["records"]
    return [(each["method"], each["resource"]) for each in reversed(found)]


def test_answered_change_is_on_record_after_kill_9_and_a_run_after_a_stop() -> None:
    with running(EXAMPLES / "hello", environment={"PENSTOCK_AUDIT": "all"}) as server:
        made = server.request("POST", CONFIGS, {"config_id": "night"})
        assert made.status == 200, made.body
        server.kill()
        server.start()
        # What compiled the flows at the start is the server itself.
        changes = [each for each in methods(server) if each[0].startswith("ConfigService")]
        assert changes == [("ConfigService.CreateConfig", "night")]
        execution_id = server.begin("hello", {"name": "Ada"})
        assert server.stop() == 0
        server.start()
        assert methods(server)[-1] == ("InvocationService.InvokeFlow", f"hello/{execution_id}")
