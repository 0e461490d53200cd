"""The verifier that the settings name."""

from __future__ import annotations

from collections.abc import Sequence

from rag.protocols import Embedder, Verifier
from rag.settings import BUILT_IN, Settings
from rag.verification.cross_encoder import CrossEncoderVerifier
from rag.verification.judging import verify
from rag.verification.verdict import Verdict

__all__ = ["BuiltInVerifier", "open_verifier"]


class BuiltInVerifier:
    """Checks facts one by one; the embedding model at hand tells words of like meaning."""

    name = BUILT_IN

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder

    def verify(self, sentence: str, passages: Sequence[str], *, headings: Sequence[str] = ()) -> Verdict:
        """How well one of the passages supports the sentence."""
        return verify(sentence, passages, headings=headings, embedder=self._embedder)


def open_verifier(settings: Settings, embedder: Embedder | None = None) -> Verifier:
    """The verifier that the settings name.

    Raises:
        ModelError: The model that they name cannot be loaded.
    """
    if settings.verifier == BUILT_IN:
        return BuiltInVerifier(embedder)
    return CrossEncoderVerifier(settings.verifier)
