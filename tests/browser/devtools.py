"""Drives a headless Chromium over the Chrome DevTools protocol, with nothing but aiohttp."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

WAIT_S_MAX = 30.0
"""A page that has not done by then what a test waits for is broken: the longest wait seen is far below 1 s."""

Message = dict[str, Any]

# Looks again whenever the page changes; answers with the condition's value once it is truthy.
_UNTIL = """new Promise((resolve) => {
  const observer = new MutationObserver(look);
  function look() {
    const value = (() => (%s))();
    if (value) { observer.disconnect(); resolve(value); }
    return value;
  }
  if (!look()) observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""


def chromium() -> str | None:
    """Path of the browser. None when there is none on PATH."""
    names = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


class ScriptError(Exception):
    """JavaScript that a test evaluated threw."""


class Browser:
    """The connection to a browser: one socket for all of its tabs."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._command_ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._tabs: dict[str, Tab] = {}

    async def listen(self) -> None:
        """Hands out what the browser says, until it hangs up."""
        async for frame in self._socket:
            message = json.loads(frame.data)
            answer = self._answers.pop(message.get("id"), None)
            if answer is not None:
                answer.set_result(message)
            elif message.get("sessionId") in self._tabs:
                self._tabs[message["sessionId"]].take(message)
        for answer in self._answers.values():
            answer.set_exception(ConnectionError("the browser hung up"))

    async def call(self, method: str, session: str | None = None, **parameters: Any) -> Message:
        """The result of one DevTools command. RuntimeError when the browser refuses it."""
        command_id = next(self._command_ids)
        command: Message = {"id": command_id, "method": method, "params": parameters}
        answer = self._answers[command_id] = asyncio.get_running_loop().create_future()
        await self._socket.send_json(command if session is None else {**command, "sessionId": session})
        async with asyncio.timeout(WAIT_S_MAX):
            message = await answer
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        result: Message = message["result"]
        return result

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """An empty page with storage and cache of its own, as in a private window."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        target = await self.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        opened = self._tabs[attached["sessionId"]] = Tab(self, attached["sessionId"])
        try:
            for domain in ("Page", "Runtime", "Network", "Log"):
                await opened.call(f"{domain}.enable")
            yield opened
        finally:
            await self.call("Target.disposeBrowserContext", browserContextId=context)
            del self._tabs[attached["sessionId"]]


class Tab:
    """One page. `events` is everything it reported, oldest first."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self._waiters: list[tuple[Callable[[Message], bool], asyncio.Future[Message]]] = []
        self.events: list[Message] = []

    def take(self, event: Message) -> None:
        """Records what the page reports."""
        self.events.append(event)
        for waiter in list(self._waiters):
            matches, seen = waiter
            if matches(event):
                self._waiters.remove(waiter)
                seen.set_result(event)

    async def call(self, method: str, **parameters: Any) -> Message:
        """The result of one DevTools command about this page. RuntimeError when the browser refuses it."""
        return await self._browser.call(method, self._session, **parameters)

    def expect(self, matches: Callable[[Message], bool]) -> asyncio.Future[Message]:
        """The next event that matches. To be asked for before what causes it is done."""
        seen: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiters.append((matches, seen))
        return seen

    async def navigate(self, url: str) -> None:
        """Opens another page; returns when it has loaded."""
        await self._load("Page.navigate", url=url)

    async def reload(self) -> None:
        """Opens the same address again."""
        await self._load("Page.reload")

    async def _load(self, method: str, **parameters: Any) -> None:
        loaded = self.expect(lambda event: event["method"] == "Page.loadEventFired")
        await self.call(method, **parameters)
        async with asyncio.timeout(WAIT_S_MAX):
            await loaded

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of a JavaScript expression; of what it resolves to when it is a promise."""
        parameters = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        result = await self.call("Runtime.evaluate", expression=expression, **parameters)
        if "exceptionDetails" in result:
            raise ScriptError(result["exceptionDetails"]["exception"].get("description", expression))
        return result["result"].get("value")

    async def until(self, condition: str) -> Any:
        """The value of a JavaScript expression as soon as it is truthy."""
        try:
            return await self.evaluate(_UNTIL % condition)
        except TimeoutError:
            raise AssertionError(f"the page never came to {condition}") from None

    async def texts(self, selector: str) -> list[str]:
        """The text of every element that the selector finds, seen or not."""
        found = f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.textContent)"
        return list(await self.evaluate(found))

    async def click(self, selector: str) -> None:
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    async def fill(self, selector: str, text: str) -> None:
        """Types over what a field holds."""
        field = f"document.querySelector({json.dumps(selector)})"
        await self.evaluate(f"{field}.focus(); {field}.select()")
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: str, key_code: int, text: str = "") -> None:
        """One key, down and up, where the focus is."""
        pressed = {"key": key, "code": code, "windowsVirtualKeyCode": key_code}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **pressed)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def complaints(self) -> list[str]:
        """Everything that a developer would see in red or yellow in the console."""
        return [text for event in self.events if (text := _complaint(event)) is not None]

    def requested(self) -> list[str]:
        """The address of every request that the page made or tried. An address that is its own content is none."""
        sent = [event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent if not each["request"]["url"].startswith("data:")]


def _complaint(event: Message) -> str | None:
    parameters = event["params"]
    if event["method"] == "Runtime.exceptionThrown":
        details = parameters["exceptionDetails"]
        return str(details.get("exception", {}).get("description", details["text"]))
    if event["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
        return str(parameters["entry"]["text"])
    if event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
        return str([argument.get("value") for argument in parameters["args"]])
    return None


@asynccontextmanager
async def launch(program: str, profile: Path) -> AsyncIterator[Browser]:
    """A new browser, which reaches loopback addresses alone and is gone afterwards. `profile` is its folder."""
    process = await asyncio.create_subprocess_exec(
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(WAIT_S_MAX):
            address = await _debugging_address(process)
        async with aiohttp.ClientSession() as client, client.ws_connect(address, max_msg_size=0) as socket:
            browser = Browser(socket)
            listening = asyncio.create_task(browser.listen())
            draining = asyncio.create_task(_drain(process))
            try:
                yield browser
            finally:
                listening.cancel()
                draining.cancel()
                await asyncio.gather(listening, draining, return_exceptions=True)
    finally:
        _kill(process)
        await process.wait()


async def _debugging_address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    said = []
    async for line in process.stderr:
        text = line.decode(errors="replace").strip()
        if text.startswith("DevTools listening on "):
            return text.removeprefix("DevTools listening on ")
        said.append(text)
    raise RuntimeError("the browser did not start:\n" + "\n".join(said))


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Keeps a chatty browser from blocking on a full pipe."""
    assert process.stderr is not None
    while await process.stderr.read(65536):
        pass


def _kill(process: asyncio.subprocess.Process) -> None:
    """Ends the browser with its helper processes, which share its process group."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
