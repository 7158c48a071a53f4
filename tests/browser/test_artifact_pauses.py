"""The docs page of a flow that waits for people and for signals, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.browser.artifact_page import ArtifactPage, artifact_page
from tests.browser.devtools import Browser
from tests.harness import ROOT, Server, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

APPROVE = ".decision .primary"
REJECT = ".decision .actions button:not(.primary)"


@pytest.fixture(scope="module")
def penstock() -> Iterator[Server]:
    with running(ROOT / "tests" / "sdks" / "packages" / "people") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def page(penstock: Server, browser: Browser) -> AsyncIterator[ArtifactPage]:
    async with artifact_page(penstock, browser) as opened:
        yield opened


async def test_a_run_that_pauses_is_approved_on_the_page(page: ArtifactPage) -> None:
    await page.open_flow("ask")
    await page.run({"total": 5, "customer": "Ann"})
    await page.status("Paused")
    await page.tab.until("document.querySelector('.decision')")
    assert await page.tab.texts(".decision h3") == ["Send this order?"]
    await page.tab.click(APPROVE)
    await page.status("Completed")
    assert '"label": "for Ann"' in "".join(await page.tab.texts(".answer pre"))
    outcome = "document.querySelector('.node[data-kind=pause]').dataset.outcome === 'succeeded'"
    assert await page.tab.until(outcome)


async def test_a_run_that_pauses_goes_on_with_what_is_typed(page: ArtifactPage) -> None:
    await page.open_flow("fill")
    await page.run({})
    await page.status("Paused")
    await page.tab.until("document.querySelector('.decision')")
    await page.tab.fill("#value-where_to", '{"street": 3}')
    await page.tab.click(APPROVE)
    assert "value.street" in await page.tab.until("document.querySelector('.decision .problem').textContent")
    await page.forgive(400)
    await page.tab.fill("#value-where_to", '{"street": "Kai", "number": 3}')
    await page.tab.click(APPROVE)
    await page.status("Completed")
    assert '"label": "Kai 3"' in "".join(await page.tab.texts(".answer pre"))


async def test_a_run_that_pauses_is_rejected_on_the_page(page: ArtifactPage) -> None:
    await page.open_flow("ask")
    await page.run({})
    await page.status("Paused")
    await page.tab.until("document.querySelector('.decision')")
    await page.tab.click(REJECT)
    await page.status("Failed")
    assert "REJECTED" in await page.tab.texts(".answer .remark code")


async def test_the_page_shows_pauses_and_signals_with_their_calls(page: ArtifactPage) -> None:
    await page.open_flow("ask")
    assert "Pauses and signals" in await page.tab.texts("#sections a")
    assert await page.tab.texts(".steering .facts li code") == [
        f"POST …/executions/{{id}}/pauses/decide:{verb}" for verb in ("approve", "reject", "resume")
    ]
    await page.open_flow("hear")
    assert await page.tab.texts(".steering h3") == ["Signal new_address", "Signal paid"]
    assert "/signals/new_address" in "".join(await page.tab.texts(".steering .recipes pre"))
    await page.open_flow("write")
    assert "Pauses and signals" not in await page.tab.texts("#sections a")
