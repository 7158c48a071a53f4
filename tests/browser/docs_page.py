"""The docs page as tests handle it: opened in a browser over the tiny API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.browser.devtools import Browser, Tab
from tests.browser.tiny_api import TinyApi, serve

STATUS = "document.querySelector('.status').textContent"


class Docs:
    """The open page, the API behind it and the URL of both."""

    def __init__(self, tab: Tab, api: TinyApi, url: str) -> None:
        self.tab = tab
        self.api = api
        self.url = url

    async def open(self, operation_id: str) -> None:
        await self.tab.evaluate(f"location.hash = '#/{operation_id}'")
        await self.tab.until(f"document.querySelector('nav a[aria-current][href$=\"/{operation_id}\"]')")

    async def status(self, beginning: str, part: str = "") -> str:
        """The line above the answer, once it begins so and holds that part."""
        fits = f"{STATUS}.startsWith({json.dumps(beginning)}) && {STATUS}.includes({json.dumps(part)})"
        return str(await self.tab.until(f"{fits} && {STATUS}"))

    async def frames(self, count: int) -> list[str]:
        """The data of the frames on the page, once there are that many."""
        await self.tab.until(f"document.querySelectorAll('.frame').length === {count}")
        return await self.tab.texts(".frame pre")


@asynccontextmanager
async def docs_page(document: bytes, browser: Browser) -> AsyncIterator[Docs]:
    """The page of a document. At the end it must not have complained, nor asked anybody but its own server."""
    async with serve(document) as (api, url), browser.tab() as opened:
        await opened.navigate(f"{url}/docs")
        await opened.until("document.querySelector('.overview')")
        yield Docs(opened, api, url)
        assert opened.complaints() == []
        assert {urlsplit(each).netloc for each in opened.requested()} == {urlsplit(url).netloc}
