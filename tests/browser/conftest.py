"""The browser that the tests of a module share, and a fresh docs page for each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.devtools import Browser, chromium, launch
from tests.browser.docs_page import Docs, docs_page
from tests.browser.tiny_api import TINY


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("no chromium on PATH")
    async with launch(program, tmp_path_factory.mktemp("profile")) as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="module")
async def docs(browser: Browser) -> AsyncIterator[Docs]:
    async with docs_page(TINY, browser) as page:
        yield page
