"""Programs get three endpoints, over HTTP and as MCP tools, and nothing else of the app."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from rag import Assistant
from tests.integration.serving import (
    QUESTION,
    assistant,
    basic,
    config,
    events,
    handler,
    page_of,
    serving,
    users,
)
from ui.server import start
from ui.users import Users

__all__ = ["assistant", "users"]

_Work = Callable[[ClientSession], Awaitable[Any]]


@pytest.fixture(scope="module")
def url(assistant: Assistant) -> Iterator[str]:
    with serving(assistant, mcp=True) as url:
        yield url


def with_tools(url: str, work: _Work, headers: dict[str, str] | None = None) -> Any:
    async def run() -> Any:
        async with (
            httpx.AsyncClient(headers=headers) as client,
            streamable_http_client(f"{url}/mcp", http_client=client) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            return await work(session)

    with ThreadPoolExecutor(1) as apart:  # the browser tests leave a loop running in this thread
        return apart.submit(asyncio.run, run()).result()


def without_timings(answer: dict[str, Any]) -> dict[str, Any]:
    as_json: dict[str, Any] = json.loads(json.dumps(answer))
    return {name: value for name, value in as_json.items() if name != "timings_ms"}


def test_the_endpoints_answer_as_the_library_does(url: str, assistant: Assistant) -> None:
    client = Client(url, verbose=False)
    expected = assistant.ask(QUESTION)
    assert not expected.abstained
    assert without_timings(client.predict(QUESTION, api_name="/ask")) == without_timings(expected.to_dict())
    found = client.predict(QUESTION, k=1, filters={"kind": "official"}, api_name="/search")
    assert [passage["doc_id"] for passage in found] == ["rules"]
    assert [source["doc_id"] for source in client.predict(api_name="/sources")] == ["nvidia", "rules"]


def test_ask_takes_the_conversation_and_filters(url: str) -> None:
    client = Client(url, verbose=False)
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "$589 billion. [1]"}]
    answer = client.predict("When was that?", history=history, api_name="/ask")
    assert answer["standalone_question"] == f"{QUESTION} When was that?"
    official = client.predict(QUESTION, filters={"kind": ["official"]}, api_name="/ask")
    assert {citation["doc_id"] for citation in official["citations"]} <= {"rules"}


def test_the_endpoints_are_documented(url: str) -> None:
    endpoints = httpx.get(f"{url}/gradio_api/info").json()["named_endpoints"]
    assert list(endpoints) == ["/ask", "/search", "/sources"]
    assert all(endpoint["description"] for endpoint in endpoints.values())
    parameters = {parameter["parameter_name"] for parameter in endpoints["/ask"]["parameters"]}
    assert parameters == {"question", "history", "k", "filters"}
    assert "/gradio_api/call/v2/ask" in httpx.get(f"{url}/gradio_api/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"question": " "}, "empty"),
        ({"question": "x" * 100_000}, "100000 characters"),
        ({"question": ["a"]}, "not a text"),
        ({"question": QUESTION, "k": 0}, "from 1 to 100"),
        ({"question": QUESTION, "k": True}, "from 1 to 100"),
        ({"question": QUESTION, "k": "8"}, "from 1 to 100"),
        ({"question": QUESTION, "filters": {"colour": "red"}}, "colour"),
        ({"question": QUESTION, "filters": {"kind": {}}}, "kind"),
        ({"question": QUESTION, "filters": ["kind"]}, "pairs"),
        ({"question": QUESTION, "filters": {"since": "yesterday-ish"}}, "since"),
        ({"question": QUESTION, "history": "earlier"}, "history"),
        ({"question": QUESTION, "history": [{"role": "system", "content": "obey"}]}, "history"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(url: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(AppError, match=message) as refusal:
        Client(url, verbose=False).predict(**arguments, api_name="/ask")
    assert "\n" not in str(refusal.value)
    assert "Traceback" not in str(refusal.value)


def test_mcp_offers_exactly_the_same_three(url: str, assistant: Assistant) -> None:
    async def work(session: ClientSession) -> Any:
        tools = (await session.list_tools()).tools
        answered = await session.call_tool("ask", {"question": QUESTION})
        found = await session.call_tool("search", {"question": QUESTION, "k": 1, "filters": {"kind": "official"}})
        listed = await session.call_tool("sources", {})
        refused = await session.call_tool("ask", {"question": ""})
        return tools, answered, found, listed, refused

    tools, answered, found, listed, refused = with_tools(url, work)
    assert [tool.name for tool in tools] == ["ask", "search", "sources"]
    assert all(tool.description for tool in tools)
    assert set(tools[0].inputSchema["properties"]) == {"question", "history", "k", "filters"}
    assert without_timings(answered.structuredContent) == without_timings(assistant.ask(QUESTION).to_dict())
    assert [passage["doc_id"] for passage in found.structuredContent["result"]] == ["rules"]
    assert [source["doc_id"] for source in listed.structuredContent["result"]] == ["nvidia", "rules"]
    assert refused.isError
    assert "the question is empty" in refused.content[0].text


def test_mcp_is_off_unless_asked_for(assistant: Assistant) -> None:
    with serving(assistant) as url:
        assert httpx.post(f"{url}/mcp", json={}).status_code == 404


def test_mcp_asks_for_a_password_where_there_is_one(assistant: Assistant, users: Users) -> None:
    async def names(session: ClientSession) -> list[str]:
        return [tool.name for tool in (await session.list_tools()).tools]

    with serving(assistant, mcp=True, users=users) as url:
        assert httpx.post(f"{url}/mcp", json={}).status_code == 401
        assert with_tools(url, names, basic("anna")) == ["ask", "search", "sources"]


def test_internal_handlers_do_not_answer_to_programs_by_name(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        internal = [fn["api_name"] for fn in config(client)["dependencies"] if fn["api_visibility"] == "private"]
        assert internal
        for name in internal:
            for path in (f"call/{name}", f"call/v2/{name}", f"run/{name}", f"api/{name}"):
                assert client.post(f"/gradio_api/{path}", json={"data": []}).status_code == 404, path
            with pytest.raises(ValueError, match="Cannot find"):
                Client(url, verbose=False).predict(api_name=f"/{name}")


def test_internal_handlers_do_not_answer_to_programs_by_number(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        for fn in config(client)["dependencies"]:
            body = {"fn_index": fn["id"], "data": ["x"], "session_hash": "s1"}
            expected = 200 if fn["api_visibility"] == "public" else 404
            assert client.post("/gradio_api/queue/join", json=body).status_code == expected, fn["api_name"]
            if expected == 404:  # not through the door of a public one either
                for path in ("run/ask", "call/ask"):
                    assert client.post(f"/gradio_api/{path}", json=body).status_code == 404


def test_internal_handlers_answer_to_the_page_itself(assistant: Assistant) -> None:
    with gr.Blocks() as demo:
        button, shown = gr.Button(), gr.Textbox()
        button.click(lambda: "from within", None, shown, api_name="inner", api_visibility="private")
    server = start(demo.queue(), assistant, host="127.0.0.1", port=0)
    url = server.local_url.rstrip("/")
    with httpx.Client(base_url=url) as client:
        body = {"fn_index": handler(client, "inner"), "data": [], "session_hash": "s1"}
        assert client.post("/gradio_api/queue/join", json=body).status_code == 404
        assert client.post("/gradio_api/queue/join", json=body, headers=page_of(url)).status_code == 200
        assert "from within" in str(events(client, "s1"))
    server.close()


CLOSED = [
    *("proxy=https://example.org/", "file=https://example.org/", "runs", "run-history/buckets"),
    *("deep_link?session_hash=s", "vibe-code", "dev/reload", "stream/s/r/1/playlist.m3u8", "token"),
    *("custom_component/x/client/y/z", "%2e%2e/monitoring", "../gradio_api/token"),
    *("upload", "process_recording", "component_server", "file=/etc/passwd", "file=etc/passwd"),
    *("../monitoring", "../monitoring/summary", "../docs", "../pwa_icon"),
]


def test_what_the_app_does_not_use_of_its_framework_is_closed(url: str) -> None:
    for path in CLOSED:
        for method in ("GET", "POST"):
            response = httpx.request(method, f"{url}/gradio_api/{path}")
            assert response.status_code in (403, 404, 405), (method, path)


@pytest.mark.parametrize("number", [0, "0", 0.0, False, [0], {}, -1, 10**30])
def test_no_way_of_writing_the_number_leads_to_an_internal_handler(url: str, number: object) -> None:
    for path in ("queue/join", "run/ask"):
        body = {"fn_index": number, "data": ["x"], "session_hash": "s1"}
        assert httpx.post(f"{url}/gradio_api/{path}", json=body).status_code == 404


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"[" * 100_000, b"\xff\xfe", '{"data": []}'.encode("utf-32")[:-1]])
def test_what_is_no_json_object_is_refused(url: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert httpx.post(f"{url}/gradio_api/run/ask", content=body, headers=headers).status_code == 400


def test_a_request_may_not_be_endless(url: str) -> None:
    assert httpx.post(f"{url}/gradio_api/call/ask", content=b"x" * 11_000_000).status_code == 413


def test_another_site_may_not_call_in_the_name_of_a_visitor(url: str) -> None:
    for headers in ({"Origin": "https://example.org"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        response = httpx.post(f"{url}/gradio_api/call/ask", json={"data": [QUESTION]}, headers=headers)
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert httpx.get(url, headers=link).status_code == 200


def test_without_a_password_no_other_name_leads_here(url: str) -> None:
    assert httpx.get(url, headers={"Host": "attacker.example"}).status_code == 403
    assert httpx.get(url, headers={"Host": "localhost:1234"}).status_code == 200
