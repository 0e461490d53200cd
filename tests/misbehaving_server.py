"""A model server that says what a test tells it to, as OpenAI, Anthropic or Ollama would, and misbehaves as told."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = [
    "Behaviour",
    "Reply",
    "Server",
    "fails",
    "hangs",
    "hangs_up",
    "recites",
    "says",
    "says_as_anthropic",
    "says_as_ollama",
    "serving",
]

Behaviour = Callable[["Reply"], None]


@dataclass
class Server:
    """Where it listens, and what it was asked and told."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    left_early: threading.Event = field(default_factory=threading.Event)


class Reply(BaseHTTPRequestHandler):
    """One request; a behaviour writes to it."""

    protocol_version = "HTTP/1.1"
    server_state: Server
    behaviours: list[Behaviour]
    body: dict[str, Any]

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self.json(200, {"data": [{"id": "scripted", "max_model_len": 4096}]})
        else:
            self.json(404, {})

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith(("/chat/completions", "/v1/messages", "/api/chat")):
            self.json(404, {})
            return
        self.server_state.keys.append(self.headers.get("Authorization", ""))
        self.server_state.requests.append(self.body)
        behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        try:
            behaviour(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server_state.left_early.set()
        self.close_connection = True

    def json(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        payload = json.dumps(data).encode()
        self.send_response(status)
        fixed = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
        for name, value in (fixed | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, text: str = "", *, finish: str | None = None, usage: dict[str, int] | None = None) -> None:
        choices = [] if usage else [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]
        data = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": choices}
        self.wfile.write(f"data: {json.dumps(data | ({'usage': usage} if usage else {}))}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


def says(text: str, *, finish: str | None = "stop", pause: float = 0.0) -> Behaviour:
    """Streams a text word by word; without `finish` the connection closes in the middle."""

    def behave(reply: Reply) -> None:
        reply.begin()
        for word in text.split(" "):
            reply.event(word + " ")
            time.sleep(pause)
        if finish:
            reply.event(finish=finish)
            reply.event(usage={"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120})
            reply.wfile.write(b"data: [DONE]\n\n")

    return behave


def says_as_anthropic(text: str) -> Behaviour:
    """Streams a text as Anthropic's Messages API does."""

    def event(reply: Reply, kind: str, **data: Any) -> None:
        reply.wfile.write(f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode())

    def behave(reply: Reply) -> None:
        reply.begin()
        message = {"id": "1", "type": "message", "role": "assistant", "model": "claude", "content": []}
        usage = {"input_tokens": 1000, "output_tokens": 1}
        event(reply, "message_start", message=message | {"stop_reason": None, "stop_sequence": None, "usage": usage})
        event(reply, "content_block_start", index=0, content_block={"type": "text", "text": ""})
        for word in text.split(" "):
            event(reply, "content_block_delta", index=0, delta={"type": "text_delta", "text": word + " "})
        event(reply, "content_block_stop", index=0)
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        event(reply, "message_delta", delta=end, usage=usage | {"output_tokens": 20})
        event(reply, "message_stop")

    return behave


def says_as_ollama(text: str) -> Behaviour:
    """Streams a text as Ollama's own interface does: a line of JSON for each piece."""

    def line(reply: Reply, content: str, **data: Any) -> None:
        message = {"role": "assistant", "content": content}
        piece = {"model": "llama", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}
        reply.wfile.write(json.dumps(piece | data).encode() + b"\n")

    def behave(reply: Reply) -> None:
        reply.begin()
        for word in text.split(" "):
            line(reply, word + " ")
        line(reply, "", done=True, done_reason="stop", prompt_eval_count=1000, eval_count=20)

    return behave


def recites(reply: Reply) -> None:
    """Repeats the first sentence of each passage with its marker, one of them with a wrong marker, and invents."""
    prompt = reply.body["messages"][-1]["content"]
    passages = re.findall(r'<passage n="(\d+)"[^>]*>\n(.*?)\n</passage>', prompt, re.DOTALL)
    firsts = [(n, re.split(r"(?<=[.!?])\s", text)[0]) for n, text in passages]
    told = " ".join(f"{text} [{n}]" for n, text in firsts)
    says(f"{told} {firsts[-1][1][:-1]}, that is [1]. Atlantis sank 77 ships in 2044 [1].")(reply)


def fails(status: int, message: str = "no", headers: dict[str, str] | None = None) -> Behaviour:
    """Answers with an error."""
    return lambda reply: reply.json(status, {"error": {"message": message, "type": "error"}}, headers)


def hangs_up(reply: Reply) -> None:
    """Closes the connection without a word, as servers do with idle ones."""
    reply.connection.close()


def hangs(seconds: float) -> Behaviour:
    """Answers nothing for a while."""
    return lambda _: time.sleep(seconds)


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[Server]:
    """A server that behaves in turn as told, and goes on with the last behaviour."""
    state = Server()
    handler = type("Handler", (Reply,), {"server_state": state, "behaviours": list(behaviours)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
