"""The docs page of an artifact in a real browser, over a real server."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.artifact_page import DESK, PHONE, STOP, ArtifactPage, artifact_page
from tests.browser.devtools import Browser
from tests.harness import EXAMPLES, Server, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

PACKAGES = Path(__file__).parent / "packages"
FLOWS = ("hello", "logs", "orders", "count", "sort")
ORDER = json.loads((EXAMPLES / "orders" / "input.json").read_text())


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packages that a test may change."""
    packages = tmp_path_factory.mktemp("own") / "packages"
    return Path(shutil.copytree(PACKAGES, packages, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture(scope="module")
def penstock(packages: Path) -> Iterator[Server]:
    """A server with the examples and with those packages."""
    with running(EXAMPLES, packages) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def page(penstock: Server, browser: Browser) -> AsyncIterator[ArtifactPage]:
    async with artifact_page(penstock, browser) as opened:
        yield opened


async def test_a_page_tells_what_the_artifact_is(page: ArtifactPage, penstock: Server) -> None:
    await page.open_flow("orders")
    graph_id = penstock.info["flows"]["orders"]["graph_id"]
    assert await page.tab.evaluate("document.title") == "orders v1 · Penstock"
    assert await page.tab.texts("header h1, header .lead") == [
        "orders",
        "Price an order, charge the card or write an invoice, and confirm it.",
    ]
    codes = await page.tab.texts("header .facts code")
    assert codes == ["orders.Order", "orders.Confirmation", "flows.orders.v1.Orders", graph_id]
    assert await page.tab.texts("#sections a") == [
        "Flow",
        "Try it",
        "Input",
        "Output",
        "Call it from elsewhere",
        "Changes",
        "Versions",
        "Downloads",
    ]


async def test_the_page_of_a_version_and_the_one_of_its_flow_name_what_they_call(
    page: ArtifactPage, penstock: Server
) -> None:
    graph_id = penstock.info["flows"]["hello"]["graph_id"]
    await page.open_flow("hello")
    assert '"flow": "hello"' in await page.recipe("curl")
    assert "flows.hello.Hello/Invoke" in await page.recipe("grpcurl")
    assert await page.tab.evaluate("document.querySelector('header .remark a').pathname") == (
        f"/flows/v1/artifacts/{graph_id}/docs"
    )
    await page.open(f"/flows/v1/artifacts/{graph_id}/docs")
    assert f'"graph_id": "{graph_id}"' in await page.recipe("curl")
    assert "flows.hello.v1.Hello/Invoke" in await page.recipe("grpcurl")
    assert await page.tab.texts("header .remark") == []


async def test_fields_are_listed_and_a_type_that_holds_itself_opens_level_by_level(page: ArtifactPage) -> None:
    await page.open_flow("sort")
    assert await page.tab.texts("#takes .field-head") == [
        "label string",
        "weight int32",
        "inside array of Parcel",
        "speed Speed",
        "patience string",
    ]
    for count in (10, 15):
        await page.tab.evaluate("[...document.querySelectorAll('#takes summary')].at(-1).click()")
        await page.tab.until(f"document.querySelectorAll('#takes .field').length === {count}")


async def test_a_run_gives_its_output_and_leaves_an_execution(page: ArtifactPage, penstock: Server) -> None:
    await page.open_flow("orders")
    await page.run(ORDER)
    await page.status("Completed")
    [shown] = await page.tab.texts(".answer pre")
    execution_id = await page.execution_id()
    assert json.loads(shown) == json.loads((EXAMPLES / "orders" / "expected.json").read_text())
    execution = await asyncio.to_thread(penstock.execution, execution_id)
    assert (execution["status"], execution["flow"]) == ("COMPLETED", "orders")
    await page.tab.until("document.querySelector('.node[data-outcome]').dataset.outcome")
    outcomes = "[...document.querySelectorAll('.node')].map((each) => each.dataset.outcome)"
    assert await page.tab.evaluate(outcomes) == ["succeeded", "succeeded", "skipped", "succeeded"]


async def test_the_link_of_a_run_opens_the_execution_in_the_page_of_the_api(page: ArtifactPage) -> None:
    await page.open_flow("hello")
    await page.run({"name": "Ada"})
    execution_id = await page.execution_id()
    loaded = page.tab.expect(lambda event: event["method"] == "Page.loadEventFired")
    await page.tab.click(".execution a")
    await loaded
    given = await page.tab.until("document.querySelector('.try-it form input')?.value")
    assert given == execution_id


async def test_a_run_that_fails_says_why_and_where(page: ArtifactPage) -> None:
    await page.open_flow("orders")
    await page.run({"order_id": "A-1", "lines": []})
    await page.status("Failed")
    assert await page.tab.texts(".failure, .answer-content > .remark") == [
        "order A-1 has no lines",
        "EMPTY_ORDER in node price",
    ]
    await page.tab.until("document.querySelector('.node').dataset.outcome === 'failed'")


async def test_input_that_does_not_fit_is_shown_at_its_path(page: ArtifactPage) -> None:
    await page.open_flow("orders")
    await page.run({"order_id": "A-1", "lines": [{"sku": "a"}, {"sku": 'b"', "quantity": "many"}]})
    await page.status("Refused with 400")
    assert await page.tab.texts(".violations li") == ['input.lines[1].quantity expected int32, got "many"']
    assert await page.tab.evaluate("document.querySelector('#input').getAttribute('aria-invalid')") == "true"
    await page.tab.click(".violations button")
    selected = "((area) => area.value.slice(area.selectionStart, area.selectionEnd))(document.activeElement)"
    assert await page.tab.evaluate(selected) == '"many"'
    await page.forgive(400)


async def test_a_sensitive_text_is_typed_into_a_box_that_hides_it(page: ArtifactPage) -> None:
    await page.open_flow("unlock")
    assert await page.tab.texts("#takes .field-head") == ["owner string", "pin string, password sensitive"]
    box = "document.querySelector('[data-sensitive]')"
    assert await page.tab.evaluate(f"[{box}.type, {box}.dataset.sensitive, {box}.labels[0].textContent]") == [
        "password",
        "pin",
        "pinsensitive, sent with the input",
    ]
    assert "pin" not in await page.tab.evaluate("document.querySelector('#input').value")
    await page.tab.fill("[data-sensitive]", 'sword"fish')
    assert "sword" not in "".join([await page.recipe(tool) for tool in ("curl", "grpcurl", "Python", "TypeScript")])
    for given in ({"owner": "Ada"}, {}):
        await page.run(given)
        await page.status("Completed")
        [shown] = await page.tab.texts(".answer pre")
        assert json.loads(shown) == {"owner": given.get("owner", ""), "length": 10}


async def test_what_is_no_json_is_not_sent(page: ArtifactPage) -> None:
    await page.open_flow("hello")
    requests = len(page.tab.requested())
    await page.run('{"name": ]')
    [problem] = await page.tab.texts("#input-note")
    assert problem.startswith("Not JSON yet: ")
    assert await page.tab.evaluate("document.activeElement.id") == "input"
    assert len(page.tab.requested()) == requests


async def test_frames_appear_one_by_one(page: ArtifactPage, tmp_path: Path) -> None:
    await page.open_flow("count")
    gate = tmp_path / "gate"
    await page.run({"count": 3, "gate": str(gate)})
    for number in range(3):
        assert await page.frames(number) == [{"number": each} for each in range(number)]
        gate.with_name(f"gate{number}").touch()
    assert await page.frames(3) == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert (await page.status("Completed")).split(" · ")[1] == "3 frames"


async def test_stop_cancels_the_execution_and_keeps_the_frames(
    page: ArtifactPage, penstock: Server, tmp_path: Path
) -> None:
    await page.open_flow("count")
    gate = tmp_path / "gate"
    gate.with_name("gate0").touch()
    await page.run({"count": 2, "gate": str(gate)})
    assert await page.frames(1) == [{"number": 0}]
    await page.tab.click(STOP)
    await page.status("Cancelled")
    assert await page.frames(1) == [{"number": 0}]
    execution = await asyncio.to_thread(penstock.execution, await page.execution_id())
    assert execution["status"] == "CANCELLED"


async def test_running_again_cancels_the_run_before(page: ArtifactPage, penstock: Server, tmp_path: Path) -> None:
    await page.open_flow("count")
    gate = tmp_path / "gate"
    gate.with_name("gate0").touch()
    await page.run({"count": 2, "gate": str(gate)})
    await page.frames(1)
    first = await page.execution_id()
    await page.run({"count": 2})
    await page.status("Completed · 2 frames")
    execution = await asyncio.to_thread(penstock.wait, first)
    assert execution["status"] == "CANCELLED"


async def test_a_phone_has_the_list_and_the_key_behind_a_button(page: ArtifactPage) -> None:
    await page.size(**PHONE)
    await page.open_flow("hello")
    shown = "[...document.querySelectorAll('#sections a, #theme label, #key')].every((each) => each.checkVisibility())"
    bottom = "document.getElementById('key-note').getBoundingClientRect().bottom"
    assert not await page.tab.evaluate(shown)
    await page.tab.click("#menu")
    assert await page.tab.evaluate(shown)
    assert await page.tab.evaluate(bottom) <= PHONE["height"]
    await page.tab.press("Escape", "Escape", 27)
    assert not await page.tab.evaluate(shown)
    assert await page.tab.evaluate("document.activeElement.id") == "menu"


async def test_a_unary_flow_can_be_streamed_and_started(page: ArtifactPage, penstock: Server) -> None:
    await page.open_flow("hello")
    await page.tab.click(".ways input[value=stream]")
    await page.run({"name": "Ada"})
    await page.status("Completed · 1 frame")
    assert await page.frames(1) == [{"greeting": "Hello, Ada!"}]
    await page.tab.click(".ways input[value=start]")
    await page.run({"name": "Ada"})
    await page.status("Accepted")
    execution = await asyncio.to_thread(penstock.wait, await page.execution_id())
    assert execution["status"] == "COMPLETED"


async def test_a_wrong_key_is_told_and_another_one_opens_the_page(page: ArtifactPage, penstock: Server) -> None:
    await page.open_flow("hello")
    for key, selector in (("psk_wrong", ".notice[role=alert]"), (penstock.key, "main h1")):
        await page.tab.fill("#key", key)
        await page.tab.press("Enter", "Enter", 13, "\r")
        await page.tab.until(f"document.querySelector('{selector}')")
    await page.forgive(401)


async def test_a_flow_that_is_not_there_is_told(page: ArtifactPage) -> None:
    await page.open_flow("nowhere")
    assert await page.tab.texts(".notice p") == ["There is no nowhere in the account of this API key."]
    await page.forgive(404)


async def test_parts_that_cannot_be_loaded_say_so_and_leave_the_others(page: ArtifactPage) -> None:
    missing = ("schema.json", "openapi.json", "aliases")
    await page.tab.call("Network.setBlockedURLs", urls=[f"*{name}" for name in missing])
    await page.tab.navigate(f"{page.url}/flows/hello/docs")
    await page.tab.until("document.querySelectorAll('.pair .remark').length === 2 && !/Loading/.test(main.textContent)")
    assert await page.tab.texts(".pair .remark") == ["Not available: Failed to fetch"] * 2
    assert await page.tab.texts("#versions tbody th") == ["v1 this one"]
    await page.run({"name": "Ada"})
    await page.status("Completed")
    for event in [event for event in page.tab.events if event["method"] == "Log.entryAdded"]:
        assert event["params"]["entry"]["url"].endswith(missing)
        page.tab.events.remove(event)


async def test_a_version_that_should_be_left_says_so(page: ArtifactPage, penstock: Server) -> None:
    path = f"/flows/v1/artifacts/{penstock.info['flows']['count']['graph_id']}"
    await asyncio.to_thread(penstock.request, "POST", f"{path}:deprecate", {"reason": "Use count_all."})
    await page.open_flow("count")
    assert await page.tab.texts(".warning") == ["This version is deprecated. Use count_all."]
    await asyncio.to_thread(penstock.request, "POST", f"{path}:restore", {})
    await page.open_flow("count")
    assert await page.tab.texts(".warning") == []


async def test_penstock_dev_prints_where_the_pages_are(page: ArtifactPage, penstock: Server) -> None:
    for flow in FLOWS:
        assert f"    docs {page.url}/flows/{flow}/docs\n" in penstock.greeting
    await page.open_flow(FLOWS[0])


async def test_a_new_version_tells_what_it_broke_and_what_still_runs(
    page: ArtifactPage, packages: Path, penstock: Server, tmp_path: Path
) -> None:
    body = {"flow": "count", "input": {"count": 2, "gate": str(tmp_path / "gate")}}
    stream = penstock.stream("POST", "/invocations/v1/flows/invoke/stream", body)
    (tmp_path / "gate0").touch()
    execution_id = (await asyncio.to_thread(next, stream)).json["execution_id"]
    messages = packages / "shapes" / "messages.proto"
    messages.write_text(messages.read_text().replace("  // How long it may take.\n  string patience = 5;\n", ""))
    recompiled: set[str] = set()
    while recompiled != {"count", "sort"}:
        line = (await asyncio.to_thread(penstock.next_line)).split()
        recompiled |= {line[0]} if "recompiled:" in line else set()
    await page.open_flow("sort")
    await page.tab.until("document.querySelector('.verdicts')")
    assert await page.tab.texts(".verdicts li") == [
        "Protobuf callers ✕ broken",
        "JSON callers ✕ broken",
        "Code built with an SDK ✕ broken",
    ]
    assert set(await page.tab.texts(".listed .field-name")) == {"input.patience"}
    assert await page.tab.texts("#versions tbody th, #versions .mark") == ["v2 this one", "live", "v1"]
    await page.open_flow("count")
    await page.tab.until("document.querySelector('.verdicts')")
    assert await page.tab.texts(".verdicts [data-breaks=true]") == []
    remark = "1 execution of version 1 not ended yet: what runs stays with its version."
    assert await page.tab.texts(".changes > .remark") == [remark]
    await asyncio.to_thread(penstock.request, "DELETE", f"/invocations/v1/flows/{execution_id}")
    stream.close()


@pytest.mark.parametrize(
    ("name", "kind", "file"),
    [
        ("Proto source", "proto", "hello-v1.proto"),
        ("Python client", "sdk/python", "penstock_hello-0.1.0.tar.gz"),
        ("OpenAPI", "openapi.json", "hello-v1.openapi.json"),
    ],
)
async def test_a_download_is_what_the_server_serves(
    page: ArtifactPage, penstock: Server, tmp_path: Path, name: str, kind: str, file: str
) -> None:
    await page.open_flow("hello")
    await page.tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    done = page.tab.expect(
        lambda event: event["method"] == "Page.downloadProgress" and event["params"]["state"] == "completed"
    )
    await page.tab.click(f"[aria-label='Download {name}']")
    await asyncio.wait_for(done, 30)
    served = await asyncio.to_thread(penstock.request, "GET", f"/flows/v1/artifacts/hello/{kind}")
    assert (tmp_path / file).read_bytes() == served.body


async def test_dark_and_light_follow_the_system_until_one_is_chosen(page: ArtifactPage) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    seen = []
    await page.open_flow("hello")
    for scheme in ("light", "dark"):
        await page.tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        seen.append(await page.tab.evaluate(background))
    assert seen == ["rgb(247, 248, 248)", "rgb(14, 19, 23)"]
    await page.tab.click("#theme [value=light]")
    assert await page.tab.evaluate(background) == seen[0]
    await page.open_flow("hello")
    assert await page.tab.evaluate(background) == seen[0]


@pytest.mark.parametrize("flow", FLOWS)
async def test_a_phone_shows_all_of_it_without_scrolling_sideways(page: ArtifactPage, flow: str) -> None:
    await page.size(**PHONE)
    await page.open_flow(flow)
    await page.tab.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    for tool in ("curl", "grpcurl", "Python", "TypeScript"):
        await page.recipe(tool)
        assert await page.tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"], tool


@pytest.mark.parametrize("window", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_graph_of_30_nodes_lies_apart(page: ArtifactPage, window: dict[str, int]) -> None:
    await page.size(**window)
    await page.open_flow("sort")
    boxes = """[...document.querySelectorAll('.node .body, .label rect')].map((each) => {
      const {left, right, top, bottom} = each.getBoundingClientRect();
      return {left, right, top, bottom, label: each.closest('.node')?.querySelector('.name').textContent ?? 'label'};
    })"""
    found = await page.tab.evaluate(boxes)
    assert len([box for box in found if box["label"] != "label"]) == 30
    overlapping = [
        (one["label"], other["label"])
        for index, one in enumerate(found)
        for other in found[index + 1 :]
        if one["left"] < other["right"]
        and other["left"] < one["right"]
        and one["top"] < other["bottom"]
        and other["top"] < one["bottom"]
    ]
    assert overlapping == []


async def test_arrow_keys_walk_through_the_graph(page: ArtifactPage) -> None:
    await page.open_flow("orders")
    await page.tab.evaluate("document.querySelector('.node[tabindex=\"0\"]').focus()")
    walked = []
    keys = [("ArrowRight", 39), ("ArrowDown", 40), ("ArrowRight", 39), ("Home", 36), ("End", 35)]
    for key, code in keys:
        await page.tab.press(key, key, code)
        walked.append(await page.tab.evaluate("document.querySelector('.node-panel h3').textContent"))
    assert walked == ["charge", "invoice", "confirm", "price", "confirm"]
    label = await page.tab.evaluate("document.querySelector('.node').getAttribute('aria-label')")
    assert label == "price, runs orders/price, then charge when has(output.customer.card), or invoice otherwise"


async def test_everything_can_be_done_with_the_keyboard(page: ArtifactPage, penstock: Server) -> None:
    await page.open_flow("hello")
    await page.tab.evaluate("document.activeElement.blur()")
    stops = []
    seen = """(() => {
      const at = document.activeElement;
      const drawn = at.closest('.node') ?? (at.type === 'radio' ? at.parentElement : at);
      const style = getComputedStyle(drawn.querySelector?.('.body') ?? drawn);
      return {
        id: at.id, tag: at.localName,
        name: at.getAttribute('aria-label') ?? (at.labels?.[0]?.textContent || at.textContent).trim(),
        shown: style.outlineStyle !== 'none' || parseFloat(style.strokeWidth) > 3 || at.closest('summary') !== null,
      };
    })()"""
    for _ in range(80):
        await page.tab.press("Tab", "Tab", 9)
        stop = await page.tab.evaluate(seen)
        if stop["tag"] == "body":
            break
        stops.append(stop)
        if stop["id"] == "input":
            await page.tab.evaluate("document.activeElement.select()")
            await page.tab.call("Input.insertText", text='{"name": "Grace"}')
            await page.tab.call(
                "Input.dispatchKeyEvent",
                type="keyDown",
                key="Enter",
                code="Enter",
                windowsVirtualKeyCode=13,
                modifiers=2,
            )
            await page.status("Completed")
    names = [stop["name"] for stop in stops]
    assert names[0] == "Skip to the content"
    assert [stop for stop in stops if not (stop["name"] and stop["shown"])] == []
    assert {"Run", "InputJSON", "Copy the command", "Download MCP tool"} <= set(names)
    [shown] = await page.tab.texts(".answer pre")
    assert json.loads(shown) == {"greeting": "Hello, Grace!"}


async def test_every_field_has_a_name_and_headings_skip_no_level(page: ArtifactPage) -> None:
    await page.open_flow("logs")
    nameless = """[...document.querySelectorAll('input, select, textarea')].filter((each) =>
      !each.labels.length && !each.getAttribute('aria-label')).length"""
    assert await page.tab.evaluate(nameless) == 0
    headings = "[...document.querySelectorAll('main :is(h1, h2, h3)')].map((each) => Number(each.tagName[1]))"
    levels = await page.tab.evaluate(headings)
    assert (levels[0], levels.count(1)) == (1, 1)
    assert [pair for pair in pairwise(levels) if pair[1] - pair[0] > 1] == []
