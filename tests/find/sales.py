"""Executions that differ in everything that a filter names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.e2e.support import eventually
from tests.harness import Server

GIVEN: dict[str, tuple[str, Any]] = {
    "gold": (
        "sale",
        {
            "customer": {"id": "c1", "tier": "GOLD", "nickname": "Goldie"},
            "cents": 4050,
            "weight": 0.1,
            "express": True,
            "due": "2026-02-01T10:00:00.5Z",
            "number": 7,
        },
    ),
    "huge": ("sale", {"customer": {"id": "c2"}, "cents": 9007199254740993, "weight": 12.5, "number": -3}),
    "bare": ("sale", {}),
    "refused": ("sale", {"customer": {"id": "c1", "tier": "GOLD"}, "cents": -1}),
    "paused": ("asked", {"customer": {"id": "c1"}, "cents": 500}),
    "note": ("note", {"number": "7"}),
}
"""Flow and input by name, oldest first. JSON numbers beyond 2^53 are given as text."""


@dataclass(frozen=True, slots=True)
class Sales:
    """Ids of executions by name."""

    ids: dict[str, str]

    def names(self, executions: list[Any]) -> list[str]:
        """Those among them that are sales, in their order."""
        known = {execution_id: name for name, execution_id in self.ids.items()}
        return [known[each["execution_id"]] for each in executions if each["execution_id"] in known]


def sell(server: Server) -> Sales:
    ids: dict[str, str] = {}
    for name, (flow, given) in GIVEN.items():
        sent = {**given, "cents": str(given["cents"])} if name == "huge" else given
        # Who gives a request id is accepted in another way.
        request_id = {"request_id": name} if name == "huge" else {}
        ids[name] = server.invoke(flow, sent, labels={"sale": name}, **request_id)["execution_id"]
    eventually(lambda: server.execution(ids["paused"])["status"] == "PAUSED")
    return Sales(ids)
