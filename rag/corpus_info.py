"""What a corpus is about: `corpus.yaml` in its folder, or else the themes of its documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import ConfigurationError
from rag.types import Document

__all__ = ["CorpusInfo", "read_corpus_info"]

_FILE = "corpus.yaml"
_N_THEMES = 5


class CorpusInfo(BaseModel):
    """The subject in a few words, and questions to start with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str = ""
    questions: tuple[str, ...] = Field(default=())


def read_corpus_info(corpus_dir: Path, documents: Iterable[Document]) -> CorpusInfo:
    """The corpus's own description; a missing subject is made from the commonest themes or titles.

    Raises:
        ConfigurationError: `corpus.yaml` is not valid.
    """
    path = corpus_dir / _FILE
    info = _described(path, path.stat().st_mtime_ns) if path.is_file() else CorpusInfo()
    if info.subject:
        return info
    documents = list(documents)
    themes = Counter(theme for document in documents for theme in document.themes)
    names = [theme for theme, _ in themes.most_common(_N_THEMES)] or [
        document.display_title for document in documents[:_N_THEMES]
    ]
    return info.model_copy(update={"subject": ", ".join(names)})


@lru_cache(maxsize=16)  # every abstention names the subject
def _described(path: Path, changed_ns: int) -> CorpusInfo:  # noqa: ARG001 - a changed file is read again
    try:
        return CorpusInfo.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid", "it may have `subject` and a list of `questions`") from error
