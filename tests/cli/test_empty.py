"""Lists with nothing in them say what to do, and give programs nothing."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, FakeServer
from tests.cli.samples import ID, PATH

LISTS = [
    (("pauses", "list"), "/invocations/v1/executions/-/pauses", "pauses", "Nothing waits for a person."),
    (("pauses", "list", ID), f"{PATH}/pauses", "pauses", "This execution came to no pause."),
    (("artifacts", "list"), "/flows/v1/artifacts", "artifacts", "No artifacts yet. Compile a package"),
    (("aliases", "list", "tea"), "/flows/v1/flows/tea/aliases", "aliases", "tea has no aliases. Point one"),
    (("aliases", "history", "tea"), "/flows/v1/flows/tea/aliases/-/moves", "moves", "No alias of tea has moved yet."),
    (("configs", "list"), "/configs/v1/configs", "configs", "No config profiles yet. Make one"),
    (("secrets", "list"), "/configs/v1/secrets", "secrets", "No secrets yet. Set one"),
    (("webhooks", "deliveries"), "/webhooks/v1/deliveries", "deliveries", "No deliveries yet. Have a result sent"),
    (("executions", "events", ID), f"{PATH}/events", "events", "No such events yet. To wait for them"),
    (("executions", "logs", ID), f"{PATH}/logs", "lines", "No node logged anything"),
    (("executions", "frames", ID), f"{PATH}/frames", "frames", "No frames yet."),
    (("executions", "children", ID), f"{PATH}/children", "executions", "No sub-flow of this execution has run."),
    (("executions", "checkpoints", ID), f"{PATH}/checkpoints", "checkpoints", "No node has completed yet."),
    (("executions", "attempts", ID, "boil"), f"{PATH}/nodes/boil/attempts", "attempts", "boil has not been tried yet."),
    (("executions", "gates", ID), f"{PATH}/gates", "gates", "The flow has no gates."),
]


@pytest.mark.parametrize(("words", "path", "member", "said"), LISTS, ids=[" ".join(each[0][:2]) for each in LISTS])
def test_an_empty_list_says_what_to_do(
    server: FakeServer, penstock: Penstock, words: tuple[str, ...], path: str, member: str, said: str
) -> None:
    server.on(f"GET {path}", Answer({member: [], "next_page_token": ""}))
    outcome = penstock(*words)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith(said)
