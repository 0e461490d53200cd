"""The commands of the README, as a newcomer types them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / ".venv/.installed").exists(), reason="runs the commands in the .venv of `make`"),
]


def make(*arguments: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"AIRACE_DATA_DIR": str(tmp_path / "data")}
    return subprocess.run(["make", *arguments], capture_output=True, text=True, cwd=ROOT, env=environment, check=False)


def test_make_help_lists_the_targets(tmp_path: Path) -> None:
    listed = make("help", tmp_path=tmp_path).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z-]+)", readme, re.MULTILINE):
        assert f"make {target}" in listed


def test_make_ask_answers_with_citations(tmp_path: Path) -> None:
    done = make("ask", "Q=How much did Nvidia lose after DeepSeek?", tmp_path=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "$589 billion" in done.stdout
    assert "[1]" in done.stdout


def test_make_ask_takes_a_question_as_it_is_typed(tmp_path: Path) -> None:
    done = make("ask", "Q=What is \"$HOME\" & `pwd`; 'R1'?", "ARGS=--json", tmp_path=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"question": "What is \\"$HOME\\" & `pwd`; \'R1\'?"' in done.stdout


def test_make_ask_without_a_question_says_how(tmp_path: Path) -> None:
    done = make("ask", tmp_path=tmp_path)
    assert done.returncode != 0
    assert 'make ask Q="' in done.stdout


def test_make_serve_opens_the_app(tmp_path: Path) -> None:
    environment = os.environ | {"AIRACE_DATA_DIR": str(tmp_path / "data")}
    command = ["make", "serve", "ARGS=--port 7999"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                assert "airace" in httpx.get("http://127.0.0.1:7999/").text
                break
            except httpx.ConnectError:
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server did not start in time"
                time.sleep(0.5)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def test_an_installed_wheel_answers_from_another_folder_with_its_own_corpus(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = os.environ | {"PYTHONPATH": str(target), "AIRACE_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "rag", "ask", "How much did Nvidia lose after DeepSeek?"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=elsewhere, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "$589 billion" in done.stdout
    assert str(target / "rag" / "_corpus") in done.stderr
    shutil.rmtree(target)
