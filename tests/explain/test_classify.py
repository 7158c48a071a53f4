"""Every class of failure is some sort of trouble, and numbers are those of the API."""

from __future__ import annotations

import pytest

from penstock.engine.domain.classify import OF_CLASS, Classification, classify
from penstock.engine.domain.failure import Failure, FailureClass
from penstock.engine.domain.reasons import Reason
from penstock.engine.rpc.explain.explanation_words import ADVICE, length, names, together
from penstock.wire.gen.explanation_pb2 import Explanation

BOOM = Failure("BOOM", "it went wrong", failure_class=FailureClass.PROVIDER)


def test_numbers_are_those_of_the_api() -> None:
    assert {each.name: int(each) for each in Reason} | {"REASON_UNSPECIFIED": 0} == dict(Explanation.Reason.items())
    classifications = {each.name: int(each) for each in Classification}
    assert classifications | {"CLASSIFICATION_UNSPECIFIED": 0} == dict(Explanation.Classification.items())


def test_every_class_of_failure_has_its_own_classification_and_advice() -> None:
    assert OF_CLASS.keys() == {*FailureClass}
    assert {*OF_CLASS.values()} == {*Classification} - {Classification.APPROVAL_PENDING} == ADVICE.keys()


def test_what_keeps_it_from_moving_comes_before_what_went_wrong_earlier() -> None:
    assert classify(None) is None
    assert classify(BOOM) is Classification.PROVIDER_FAILURE
    assert classify(BOOM, waits_for_person=True) is Classification.APPROVAL_PENDING
    assert classify(BOOM, waits_for_person=True, has_process=False) is Classification.INFRASTRUCTURE


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "0 ms"),
        (999_000, "999 ms"),
        (59_900_000, "59.9 s"),
        (59_960_000, "1 min 0 s"),
        (3_600_000_000, "1 h 0 min"),
        (90_000_000_000, "1 d 1 h"),
        (-5, "0 ms"),
    ],
)
def test_lengths_are_as_precise_as_a_person_cares(us: int, text: str) -> None:
    assert length(us) == text


def test_many_causes_are_one_sentence() -> None:
    assert together(["a waits.", "b waits."]) == "a waits; b waits."
    assert together([f"{name} waits." for name in "abcd"]) == "a waits; b waits; c waits; 1 more node is in flight."
    assert together(["a."] * 5) == "a; a; a; 2 more nodes are in flight."
    assert names([*"abcdefg"]) == "a, b, c, d, e and 2 more"
