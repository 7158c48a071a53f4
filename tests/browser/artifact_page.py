"""The docs page of an artifact as tests handle it: opened in a browser over a real server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.browser.devtools import Browser, Tab
from tests.harness import Server

PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
DESK = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
RUN = ".try-it button[type=submit]"
STOP = ".actions > button[type=button]"
_STATUS = "document.querySelector('.answer .status').textContent"
# A part says "Loading…" until what it shows is there.
_LOADED = """document.querySelector('main h1') && document.querySelector('#versions table') &&
  ![...document.querySelectorAll('main .remark')].some((each) => each.textContent === 'Loading…') &&
  !document.querySelector('textarea').value.startsWith('{}') || document.querySelector('.notice[role=alert]')"""


class ArtifactPage:
    """The open page and the server behind it."""

    def __init__(self, tab: Tab, server: Server) -> None:
        self.tab = tab
        self.server = server

    @property
    def url(self) -> str:
        return str(self.server.info["http_url"])

    async def open(self, path: str) -> None:
        """Returns when every part of the page is there."""
        await self.tab.navigate(self.url + path)
        await self.tab.until(_LOADED)

    async def open_flow(self, flow: str) -> None:
        await self.open(f"/flows/{flow}/docs")

    async def size(self, **metrics: Any) -> None:
        """The window's."""
        await self.tab.call("Emulation.setDeviceMetricsOverride", **metrics)

    async def run(self, given: Any) -> None:
        """Puts it into the editor and runs it; does not wait for what comes."""
        await self.tab.fill("#input", given if isinstance(given, str) else json.dumps(given))
        await self.tab.click(RUN)

    async def status(self, beginning: str) -> str:
        """The line above the answer, once it begins so."""
        return str(await self.tab.until(f"{_STATUS}.startsWith({json.dumps(beginning)}) && {_STATUS}"))

    async def execution_id(self) -> str:
        return str(await self.tab.until("document.querySelector('.execution code')?.textContent"))

    async def frames(self, count: int) -> list[Any]:
        """The payloads on the page, once there are that many."""
        await self.tab.until(f"document.querySelectorAll('.frame').length === {count}")
        return [json.loads(text) for text in await self.tab.texts(".frame pre")]

    async def recipe(self, tool: str) -> str:
        """What its copy button puts on the clipboard."""
        choice = f"[...document.querySelectorAll('.choice')].find((each) => each.textContent === {json.dumps(tool)})"
        await self.tab.evaluate(f"{choice}.click()")
        copying = """new Promise((resolve) => {
          navigator.clipboard.writeText = async (text) => resolve(text);
          document.querySelector('.recipes button.quiet').click();
        })"""
        return str(await self.tab.evaluate(copying))

    async def forgive(self, status: int) -> None:
        """Forgets that the browser reported one answer as an error: it was asked for."""
        reported = next(
            event
            for event in self.tab.events
            if event["method"] == "Log.entryAdded" and f"status of {status}" in event["params"]["entry"]["text"]
        )
        self.tab.events.remove(reported)


@asynccontextmanager
async def artifact_page(server: Server, browser: Browser) -> AsyncIterator[ArtifactPage]:
    """A tab for pages. At the end none may have complained, nor asked anybody but its own server."""
    async with browser.tab() as tab:
        page = ArtifactPage(tab, server)
        await page.size(**DESK)
        yield page
        assert tab.complaints() == []
        asked = {url for url in tab.requested() if not url.startswith(f"blob:{page.url}/")}
        assert {urlsplit(each).netloc for each in asked} == {urlsplit(page.url).netloc}
