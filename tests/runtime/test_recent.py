"""What is remembered for a moment: as long as the mark stands, and no longer than its life."""

from __future__ import annotations

from penstock.engine.runtime.recent import Recent


class Surroundings:
    """A mark and a clock that the test moves."""

    def __init__(self) -> None:
        self.mark = b"1"
        self.now_s = 100.0
        self.recent: Recent[str, int] = Recent(lambda: self.mark, lambda: self.now_s)


def test_value_holds_while_nothing_changes() -> None:
    around = Surroundings()
    assert around.recent.get("a") is None
    around.recent.keep("a", 0, around.mark)
    assert (around.recent.get("a"), around.recent.get("b")) == (0, None)


def test_value_is_gone_when_the_mark_has_changed_even_while_it_was_read() -> None:
    around = Surroundings()
    around.recent.keep("a", 1, around.mark)
    around.mark = b"2"
    assert around.recent.get("a") is None
    around.recent.keep("a", 1, b"1")
    assert around.recent.get("a") is None


def test_value_is_gone_after_its_life() -> None:
    around = Surroundings()
    around.recent.keep("a", 1, around.mark)
    around.now_s += 0.999
    assert around.recent.get("a") == 1
    around.now_s += 0.001
    assert around.recent.get("a") is None
