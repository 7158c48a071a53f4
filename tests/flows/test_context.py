"""What a node sees of where it runs, and what it tells."""

from __future__ import annotations

from tests.flows.faces import Face
from tests.harness import Server


def test_node_sees_its_place_and_what_it_tells_is_kept(face: Face) -> None:
    answer = face.invoke("seeing", {"value": 1})
    execution_id = answer["execution_id"]
    assert answer["result"]["output"] == {
        "execution_id": execution_id,
        "node": "look",
        "attempt": 1,
        "idempotency_key": f"{execution_id}/look",
        "has_deadline": True,
    }
    reports = [event["report"] for event in face.events(execution_id) if event["type"] == "NODE_REPORTED"]
    usage = {"provider": "acme", "model": "large", "cached_tokens": 0}
    assert reports == [
        {"log": {"level": "INFO", "message": "seen"}},
        {"progress": {"fraction": 0.25, "message": "a quarter"}},
        {"usage": usage | {"input_tokens": 10, "output_tokens": 2, "cost_usd": 0.5, "cost": "0.5"}},
        {"usage": usage | {"input_tokens": 1, "output_tokens": 1, "cost_usd": 0.25, "cost": "0.25"}},
    ]
    node = face.nodes(execution_id)["look"]
    assert node["progress"] == {"fraction": 0.25, "message": "a quarter"}
    assert node["usage"] == [usage | {"input_tokens": 11, "output_tokens": 3, "cost_usd": 0.75, "cost": "0.75"}]


def test_node_sees_the_config_of_its_execution(kit: Server, face: Face) -> None:
    kit.request("POST", "/configs/v1/configs", {"config_id": "polite", "flow": "seeing", "values": {"greeting": "hi"}})
    assert face.output("seeing", {"value": 1}, config_id="polite")["greeting"] == "hi"
    assert "greeting" not in face.output("seeing", {"value": 1})


def test_time_of_an_attempt_stands_still_while_it_waits_for_a_signal(face: Face) -> None:
    execution_id = face.begin("hearing_in_time", {"value": 1})
    face.until_node(execution_id, "ear", "WAITING")
    # Longer than its timeout.
    assert face.output("napped", {"value": 1}) == {"value": 3}
    assert face.output("napped", {"value": 1}) == {"value": 3}
    assert face.output("napped", {"value": 1}) == {"value": 3}
    first = face.signal(execution_id, "more", {"value": 5}, "one")
    assert face.wait(execution_id)["status"] == "COMPLETED"
    assert face.ask("GetOutput", {"execution_id": execution_id})["output"] == {"value": 6}
    # The same signal again is the same, also after the end.
    assert face.signal(execution_id, "more", {"value": 5}, "one") == first


def test_signal_that_came_early_is_there_at_once(face: Face) -> None:
    execution_id = face.begin("hearing_late", {"value": 1})
    face.until_node(execution_id, "nap", "WAITING")
    face.signal(execution_id, "more", {"value": 7})
    assert face.wait(execution_id)["status"] == "COMPLETED"
    assert face.ask("GetOutput", {"execution_id": execution_id})["output"] == {"value": 9}
    assert "wait" not in face.nodes(execution_id)["ear"]
