"""The docs page in a real browser, over a small API of its own and over the document of the fixed API."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from penstock.openapi.fixed import fixed_document
from tests.browser.devtools import Browser
from tests.browser.docs_page import Docs, docs_page
from tests.browser.tiny_api import KEY

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
NESTED_TYPES = 6  # More than any message of the API has below it, but those that contain themselves.
WITHOUT_END = {"ExplainExecution"}
SEND = ".try-it button[type=submit]"
STOP = ".actions > button[type=button]"


async def test_operations_are_listed_by_tag(docs: Docs) -> None:
    assert await docs.tab.texts("#operations :is(h2, a)") == [
        "Order service",
        "Price order POST",
        "Drop order DELETE",
        "Count service",
        "Count GET",
    ]


async def test_search_leaves_what_has_every_word_and_enter_opens_the_first(docs: Docs) -> None:
    await docs.tab.press("/", "Slash", 191, "/")
    await docs.tab.call("Input.insertText", text="prices ORDERS")
    assert await docs.tab.texts("#operations .group:not([hidden]) li:not([hidden])") == ["Price order POST"]
    await docs.tab.press("Enter", "Enter", 13, "\r")
    heading = "document.activeElement.tagName === 'H1' && document.activeElement.textContent"
    await docs.tab.until("document.querySelector('.operation')")
    assert await docs.tab.evaluate(heading) == "Price order"
    assert await docs.tab.evaluate("document.title") == "Price order · Tiny API"


async def test_a_schema_that_holds_itself_opens_one_level_at_a_time(docs: Docs) -> None:
    await docs.open("PriceOrder")
    body = ".reference section:nth-of-type(2)"
    assert await docs.tab.texts(f"{body} .field-name") == ["lines"]
    assert await docs.tab.texts(f"{body} .field > *") == [
        "lines array of Line required",
        "What is ordered.",
        "at most 100 items",
        "3 fields of Line",
    ]
    for count in (4, 7):
        await docs.tab.evaluate(f"[...document.querySelectorAll('{body} summary')].at(-1).click()")
        await docs.tab.until(f"document.querySelectorAll('{body} .field').length === {count}")
    assert await docs.tab.texts(f"{body} .field-name") == ["lines", *["sku", "quantity", "instead"] * 2]


async def test_a_call_sends_the_form_and_shows_the_answer_digit_by_digit(docs: Docs) -> None:
    await docs.open("PriceOrder")
    await docs.tab.fill(".try-it form input", "a b/1")
    await docs.tab.evaluate("document.querySelector('.try-it form > .row > select').value = 'EUR'")
    await docs.tab.click(SEND)
    status = await docs.status("200 OK")
    assert docs.api.requests == [
        {
            "path": "/orders/a%20b%2F1:price?currency=EUR",
            "authorization": f"Bearer {KEY}",
            "content_type": "application/json",
            "body": '{\n  "lines": [\n    {\n      "sku": "pen",\n      "quantity": 2\n    }\n  ]\n}',
        }
    ]
    [shown] = await docs.tab.texts(".answer pre")
    assert shown == '{\n  "order_id": "a b/1",\n  "cents": 250,\n  "serial": 9007199254740993\n}'
    assert status.split(" · ")[2] == f"{len(json.dumps(json.loads(shown)))} B"
    headers = zip(*[await docs.tab.texts(f".headers {part}") for part in ("dt", "dd")], strict=True)
    assert ("content-type", "application/json; charset=utf-8") in headers


async def test_an_id_from_an_answer_fills_the_same_variable_elsewhere(docs: Docs) -> None:
    await docs.open("PriceOrder")
    await docs.tab.fill(".try-it form input", "4711")
    await docs.tab.click(SEND)
    await docs.status("200 OK")
    await docs.open("DropOrder")
    assert await docs.tab.evaluate("document.querySelector('.try-it form input').value") == "4711"


async def test_a_path_variable_is_needed_before_anything_is_sent(docs: Docs) -> None:
    await docs.open("PriceOrder")
    await docs.tab.click(SEND)
    assert await docs.tab.evaluate("document.activeElement.labels[0].querySelector('code').textContent") == "order_id"
    assert docs.api.requests == []


async def test_a_body_that_is_no_json_is_pointed_out_and_may_be_sent(docs: Docs) -> None:
    await docs.open("PriceOrder")
    await docs.tab.fill(".try-it form input", "1")
    await docs.tab.fill(".try-it textarea", '{"lines": ]')
    [problem] = await docs.tab.texts(".problem")
    assert problem.startswith("Not JSON yet: ")
    reported = docs.tab.expect(lambda event: event["method"] == "Log.entryAdded")
    await docs.tab.click(SEND)
    await docs.status("400 Bad Request")
    assert [request["body"] for request in docs.api.requests] == ['{"lines": ]']
    docs.tab.events.remove(await reported)  # The browser reports every 4xx as an error; this one was asked for.


async def test_commands_follow_the_form_and_hide_the_key_until_they_are_copied(docs: Docs) -> None:
    await docs.open("PriceOrder")
    await docs.tab.fill(".try-it form input", "it's")
    assert await docs.tab.texts(".recipes pre") == [
        "curl -sS -X POST \\\n"
        f"  '{docs.url}/orders/it'\\''s:price' \\\n"
        "  -H 'Authorization: Bearer psk_••••••••' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        """  -d '{"lines": [{"sku": "pen", "quantity": 2}]}'"""
    ]
    await docs.tab.click(".choice:nth-child(2)")
    assert await docs.tab.texts(".recipes pre") == [
        "grpcurl -plaintext \\\n"
        "  -H 'authorization: Bearer psk_••••••••' \\\n"
        """  -d '{"lines": [{"sku": "pen", "quantity": 2}], "order_id": "it'\\''s"}' \\\n"""
        "  127.0.0.1:50051 tiny.v1.OrderService/PriceOrder"
    ]
    await docs.tab.evaluate("getSelection().selectAllChildren(document.querySelector('.recipes pre'))")
    copied = """new Promise((resolve) => {
      document.addEventListener('copy', (event) => resolve(event.clipboardData.getData('text/plain')), {once: true});
      document.execCommand('copy');
    })"""
    assert f"-H 'authorization: Bearer {KEY}'" in await docs.tab.evaluate(copied)


async def test_a_typed_key_is_used_and_kept_for_the_tab_alone(docs: Docs) -> None:
    await docs.tab.fill("#key", "psk_mine")
    await docs.open("PriceOrder")
    await docs.tab.reload()
    await docs.tab.until("document.querySelector('.try-it')")
    await docs.tab.fill(".try-it form input", "1")
    await docs.tab.click(SEND)
    await docs.status("200 OK")
    assert [request["authorization"] for request in docs.api.requests] == ["Bearer psk_mine"]
    assert await docs.tab.evaluate("[localStorage.length, document.cookie]") == [0, ""]


async def test_frames_appear_one_by_one_while_the_stream_is_open(docs: Docs) -> None:
    await docs.open("Count")
    await docs.tab.click(SEND)
    for number in range(3):
        docs.api.pieces.put_nowait(f'id: {number + 1}\ndata: {{"number": {number}}}\n\n'.encode())
        assert await docs.frames(number + 1) == [f'{{"number": {each}}}' for each in range(number + 1)]
        assert "streaming" in await docs.status("200 OK")
        assert await docs.tab.evaluate(f"document.querySelector('{STOP}').checkVisibility()")
    docs.api.pieces.put_nowait(None)
    assert (await docs.status("200 OK", "ended")).split(" · ")[:3] == ["200 OK", "ended", "3 frames"]
    assert await docs.tab.texts(".frame-head > :not(.frame-time)") == ["#0", "id 1", "#1", "id 2", "#2", "id 3"]


async def test_a_stream_may_be_cut_anywhere_and_use_every_word_of_the_format(docs: Docs) -> None:
    await docs.open("Count")
    await docs.tab.click(SEND)
    stream = (
        "\ufeff: hello\r\nevent: größe\r\nid: 7\r\ndata: one\r\ndata:  two\r\n\r\n"
        "event: lost\r\n\r\n:\rretry: 5\rdata\r\rdata:{\n\ndata: cut off"
    )
    for byte in stream.encode():
        docs.api.pieces.put_nowait(bytes([byte]))
    docs.api.pieces.put_nowait(None)
    await docs.status("200 OK", "ended")
    assert await docs.frames(3) == ["one\n two", "", "{"]
    heads = ["#0", "größe", "id 7", "#1", "id 7", "#2", "id 7"]
    assert await docs.tab.texts(".frame-head > :not(.frame-time)") == heads


async def test_a_long_stream_keeps_its_newest_frames(docs: Docs) -> None:
    await docs.open("Count")
    await docs.tab.click(SEND)
    docs.api.pieces.put_nowait(b"".join(b"data: %d\n\n" % number for number in range(1200)))
    docs.api.pieces.put_nowait(None)
    await docs.status("200 OK", "ended · 1,200 frames")
    assert await docs.frames(500) == [str(number) for number in range(700, 1200)]
    assert await docs.tab.texts(".answer .remark") == ["700 earlier frames no longer shown."]


async def test_stop_hangs_up_and_keeps_the_frames(docs: Docs) -> None:
    await docs.open("Count")
    await docs.tab.click(SEND)
    docs.api.pieces.put_nowait(b"data: 1\n\n")
    await docs.frames(1)
    await docs.tab.click(STOP)
    assert (await docs.status("Stopped")).split(" · ")[:2] == ["Stopped", "1 frame"]
    assert await docs.frames(1) == ["1"]
    await docs.api.stream_left.wait()


async def test_sending_again_ends_the_call_before(docs: Docs) -> None:
    await docs.open("Count")
    await docs.tab.click(SEND)
    docs.api.pieces.put_nowait(b"data: 1\n\n")
    await docs.frames(1)
    await docs.tab.click(SEND)
    await docs.api.stream_left.wait()
    docs.api.pieces.put_nowait(b"data: 2\n\n")
    docs.api.pieces.put_nowait(None)
    await docs.status("200 OK", "ended · 1 frame")
    assert await docs.frames(1) == ["2"]


async def test_every_field_has_a_name_and_headings_skip_no_level(docs: Docs) -> None:
    await docs.open("PriceOrder")
    nameless = """[...document.querySelectorAll('input, select, textarea')].filter((each) =>
      !each.labels.length && !each.getAttribute('aria-label')).length"""
    assert await docs.tab.evaluate(nameless) == 0
    headings = "[...document.querySelectorAll('main :is(h1, h2, h3)')].map((each) => Number(each.tagName[1]))"
    levels = await docs.tab.evaluate(headings)
    assert (levels[0], levels.count(1)) == (1, 1)
    assert [pair for pair in pairwise(levels) if pair[1] - pair[0] > 1] == []
    assert await docs.tab.evaluate("document.querySelector('.status').getAttribute('role')") == "status"


async def test_a_phone_shows_the_list_behind_a_button(docs: Docs) -> None:
    await docs.tab.call("Emulation.setDeviceMetricsOverride", **PHONE)
    is_open = "document.getElementById('side').checkVisibility()"
    assert not await docs.tab.evaluate(is_open)
    await docs.tab.click("#menu")
    assert await docs.tab.evaluate(is_open)
    await docs.tab.press("Escape", "Escape", 27)
    assert not await docs.tab.evaluate(is_open)
    assert await docs.tab.evaluate("document.activeElement.id") == "menu"


async def test_every_operation_of_the_fixed_api_fits_on_a_phone_with_all_of_it_open(browser: Browser) -> None:
    operations = [
        operation["operationId"]
        for item in json.loads(fixed_document())["paths"].values()
        for operation in item.values()
    ]
    open_all = "document.querySelectorAll('main details:not([open])').forEach((each) => { each.open = true; })"
    async with docs_page(fixed_document(), browser) as docs:
        await docs.tab.call("Emulation.setDeviceMetricsOverride", **PHONE)
        assert sorted(operations) == sorted(
            await docs.tab.evaluate("[...document.querySelectorAll('nav a')].map((each) => each.hash.slice(2))")
        )
        for operation_id in operations:
            await docs.open(operation_id)
            for _ in range(NESTED_TYPES):
                await docs.tab.evaluate(open_all)
                await docs.tab.until("!document.querySelector('main details[open] > summary:only-child')")
            if operation_id not in WITHOUT_END:
                assert await docs.tab.texts("main details:not([open])") == [], operation_id
            assert await docs.tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"], operation_id
