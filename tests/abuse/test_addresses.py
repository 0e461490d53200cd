"""No web page, redirect or name server leads to what only this machine or its network can see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadingError
from rag.loading import DocumentReader, Limits, addresses
from rag.loading.addresses import PublicTransport, is_public
from rag.loading.web import fetch
from tests.documents import SENTENCE


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
        "2001:0:7f00:1::", "no address", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_no_private_address_is_public_however_it_is_written(address: object) -> None:
    text = str(address)
    if ":" not in text and not is_public(text):
        assert not is_public(f"::ffff:{text}")
        assert not is_public(f"64:ff9b::{text}")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost:7860/", "http://[::1]/", "http://0/", "http://2130706433/",
        "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/admin",
        "http://169.254.169.254/latest/meta-data/", "http://user:pass@127.0.0.1/", "http://example.com@127.0.0.1/",
        "http://localhost./", "http://LOCALHOST/", "https://127.0.0.1/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(LoadingError) as caught:
        fetch(url, limits=Limits())
    text = str(caught.value)
    assert "AIRACE_ALLOW_PRIVATE_URLS" in text or "cannot be fetched" in text  # a host that this system does not know
    assert "\n" not in text


@pytest.mark.parametrize("url", ["ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1/", "data:text/html,x"])
def test_only_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises(LoadingError, match="cannot be fetched"):
        fetch(url, limits=Limits())


def test_the_reader_refuses_them_as_well() -> None:
    with DocumentReader(Limits()) as reader, pytest.raises(LoadingError, match="AIRACE_ALLOW_PRIVATE_URLS"):
        reader.fetch("http://127.0.0.1/")


class Names(BaseHTTPRequestHandler):
    """Answers with the host that it was asked for, or redirects to what the path says."""

    def do_GET(self) -> None:
        target = urlsplit(self.path).query
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(f"{SENTENCE} Asked for {self.headers['Host']}.".encode())

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Names)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but this machine can be reached in tests, so 127.0.0.1 stands for the internet, 127.0.0.2 does not."""
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")


@pytest.mark.usefixtures("loopback_is_public")
def test_the_address_that_was_checked_is_the_one_connected_to(port: int) -> None:
    answers = [["127.0.0.1"], ["127.0.0.2"]]  # the name server changes its mind
    with httpx.Client(transport=PublicTransport(resolver=lambda _host: answers.pop(0))) as client:
        assert f"Asked for rebinding.example:{port}" in client.get(f"http://rebinding.example:{port}/").text
        assert len(answers) == 1
        with pytest.raises(LoadingError, match=r"rebinding\.example is in a private network"):
            client.get(f"http://rebinding.example:{port}/")


@pytest.mark.usefixtures("loopback_is_public")
def test_one_private_address_among_public_ones_is_one_too_many(port: int) -> None:
    transport = PublicTransport(resolver=lambda _host: ["127.0.0.1", "10.0.0.1"])
    with httpx.Client(transport=transport) as client, pytest.raises(LoadingError, match="private network"):
        client.get(f"http://mixed.example:{port}/")


@pytest.mark.usefixtures("loopback_is_public")
@pytest.mark.parametrize("target", ["http://127.0.0.2/", "http://127.0.0.2:9/x", "//127.0.0.2/", "http://10.0.0.1/"])
def test_redirects_are_checked_as_the_first_address_is(port: int, target: str) -> None:
    with pytest.raises(LoadingError, match="private network"):
        fetch(f"http://127.0.0.1:{port}/?{target}", limits=Limits())


@pytest.mark.usefixtures("loopback_is_public")
def test_a_host_of_which_one_address_does_not_answer_is_reached_by_the_next(port: int) -> None:
    unused = ThreadingHTTPServer(("127.0.0.1", 0), Names)
    unused.server_close()
    with httpx.Client(transport=PublicTransport(resolver=lambda _host: ["127.0.0.1", "127.0.0.1"])) as client:
        with pytest.raises(httpx.ConnectError):
            client.get(f"http://down.example:{unused.server_address[1]}/")
        assert client.get(f"http://up.example:{port}/").is_success


@pytest.mark.usefixtures("loopback_is_public")
def test_no_proxy_of_the_environment_is_used(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.2:9")
    assert SENTENCE in fetch(f"http://127.0.0.1:{port}/x.txt", limits=Limits()).text
