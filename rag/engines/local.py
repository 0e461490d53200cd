"""A GGUF model in this process: llama.cpp's server (`xllamacpp`) on a port of its own, spoken to like any other."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from rag.engines.chat_model import ChatModel, open_chat_model
from rag.errors import ConfigurationError, ModelError
from rag.models import PULLABLE, model_path
from rag.settings import Settings

__all__ = ["open_local_model"]

_CONTEXT = 4096  # tokens, where nothing else is set: room for eight passages, and quick to fill on a CPU
_starting = Lock()


def open_local_model(spec: str, settings: Settings) -> ChatModel:
    """The model in a file, or a pulled one by its name.

    Raises:
        ConfigurationError: The file or the package is missing.
        ModelError: The file cannot be loaded.
    """
    path = model_path(spec, settings.cache_dir) if spec in PULLABLE else Path(spec).expanduser().resolve()
    if not path.is_file():
        hint = f"fetch it: airace models pull {spec}" if spec in PULLABLE else "give the path of a GGUF file"
        raise ConfigurationError(f"there is no model file {path}", hint)
    context = settings.context_tokens or _CONTEXT
    with _starting:
        server, key = _server(path, context)
    model = open_chat_model(
        f"openai:{path.name}",
        settings.model_copy(update={"context_tokens": context}),
        base_url=f"{server.listening_address}/v1",
        key=key,
    )
    return replace(model, name=f"local:{path.name}", keeps=server)


@lru_cache(maxsize=2)
def _server(path: Path, context: int) -> tuple[Any, str]:
    """A running server, one a model, and the key without which it answers nobody else on this machine."""
    try:
        import xllamacpp
    except ImportError as error:
        raise ConfigurationError("local models need a package", "pip install 'airace[local]'") from error
    key = secrets.token_urlsafe(24)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context
    params.n_parallel = 1
    params.verbosity = 0
    params.ui = False
    params.api_keys = [key]
    try:
        return xllamacpp.Server(params), key
    except Exception as error:  # a C++ exception, whatever is wrong with the file
        raise ModelError(f"{path} cannot be loaded ({error})", "give a GGUF file that llama.cpp can run") from error
