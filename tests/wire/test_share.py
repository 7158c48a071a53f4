"""The share of a request id: the same everywhere and for ever, and as many ids in each."""

from __future__ import annotations

from collections import Counter

import pytest

from penstock.wire.share import SHARES, share_of


@pytest.mark.parametrize(("request_id", "share"), [("", 76), ("order-1", 29), ("order-2", 51), ("Zoë", 22)])
def test_share_of_a_request_id_never_changes(request_id: str, share: int) -> None:
    assert share_of(request_id) == share


@pytest.mark.parametrize("form", ["{}", "order-{}", "{:032x}", "user/{0}/{0}"])
def test_ids_of_any_form_are_spread_over_all_shares(form: str) -> None:
    counts = Counter(share_of(form.format(number)) for number in range(100_000))
    assert sorted(counts) == list(range(SHARES))
    # 1,000 a share with a deviation of 31: nothing here is random, so what holds once holds for ever.
    assert max(abs(count - 1_000) for count in counts.values()) < 130
