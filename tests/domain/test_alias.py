"""Who of several artifacts gets an invocation, and what aliases may be called."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.domain.alias import Target, is_alias_name, main_target, pick


def split(**weights: int) -> tuple[Target, ...]:
    """Targets by version: split(v3=90, v4=10)."""
    return tuple(Target(f"graph of {name}", int(name[1:]), weight) for name, weight in weights.items())


def versions(targets: tuple[Target, ...]) -> list[int]:
    """The version that each share gets."""
    return [pick(targets, share).version for share in range(100)]


@given(st.lists(st.integers(1, 99), unique=True, max_size=9))
def test_every_target_gets_as_many_shares_as_it_weighs(cuts: list[int]) -> None:
    ends = [*sorted(cuts), 100]
    weights = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    targets = tuple(Target(str(index), index + 1, weight) for index, weight in enumerate(weights))
    assert Counter(versions(targets)) == {target.version: target.weight for target in targets}


def test_a_single_target_gets_every_share() -> None:
    assert versions(split(v7=100)) == [7] * 100


def test_share_that_moved_to_the_new_version_stays_there_while_it_grows() -> None:
    steps = [split(v3=90, v4=10), split(v3=60, v4=40), split(v3=1, v4=99), split(v4=100)]
    for before, after in pairwise(steps):
        assert {(old, new) for old, new in zip(versions(before), versions(after), strict=True)} <= {
            (3, 3),
            (3, 4),
            (4, 4),
        }


def test_weights_that_do_not_add_up_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="add up to 100"):
        pick(split(v1=10, v2=20), 30)


def test_main_target_is_the_heaviest_and_among_equals_the_oldest() -> None:
    assert main_target(split(v3=10, v4=90)).version == 4
    assert main_target(split(v3=20, v4=40, v5=40)).version == 4


@pytest.mark.parametrize("name", ["live", "canary", "v", "v3_old", "eu_west_1", "a" * 63])
def test_names_that_an_alias_may_have(name: str) -> None:
    assert is_alias_name(name)


@pytest.mark.parametrize("name", ["", "v3", "v0", "Live", "-", "a-b", "3", "a" * 64, "live\n", "é"])
def test_names_that_an_alias_may_not_have(name: str) -> None:
    assert not is_alias_name(name)
