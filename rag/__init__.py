"""airace: questions and answers from a corpus, every sentence backed by a passage that can be opened.

Importing this package loads neither torch nor Chroma nor Gradio: parts are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.errors import AiraceError
    from rag.settings import Settings, load_settings
    from rag.types import Answer, AnswerSentence, Citation, Document, Origin, Passage, SyncReport

__all__ = [
    "AiraceError",
    "Answer",
    "AnswerSentence",
    "Assistant",
    "Citation",
    "Document",
    "Origin",
    "Passage",
    "Settings",
    "SyncReport",
    "load_settings",
]

_MODULES = {
    "Assistant": "rag.assistant",
    "AiraceError": "rag.errors",
    "Settings": "rag.settings",
    "load_settings": "rag.settings",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_MODULES.get(name, "rag.types")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
