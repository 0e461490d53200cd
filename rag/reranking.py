"""Orders the passages that either search found: by late interaction, or with a cross-encoder besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.hub import load_model
from rag.protocols import Reranker
from rag.settings import BUILT_IN, Settings

__all__ = ["BuiltInReranker", "CrossEncoderReranker", "open_reranker"]

# Round numbers in the flat optimum over the XQuAD, chunking and MTRAG-UN dev questions and the corpus's tuning
# questions, see `evals/EXPERIMENTS.md`. Summing to 1, they give a score between 0 and 1.
_WEIGHTS = {"dense": 0.15, "lexical": 0.35, "late": 0.25, "late_sentence": 0.25}
_DEPTH = 50  # passages that a cross-encoder reads


class BuiltInReranker:
    """A weighted sum of the stages' scores; late interaction over chunk and best sentence has half of the weight."""

    name = BUILT_IN

    # The stages have compared question and texts already.
    def score(self, question: str, texts: Sequence[str], stages: Sequence[Mapping[str, float]]) -> list[float]:  # noqa: ARG002
        """A score between 0 and 1 for each passage."""
        return [sum(weight * of[name] for name, weight in _WEIGHTS.items()) for of in stages]


class CrossEncoderReranker:
    """The mean of the built-in score and the relevance that a sentence-transformers cross-encoder sees.

    It reads the first 50 passages of the built-in order; the others count as irrelevant. Equal weights, since none were
    tuned: rare names are the strength of the one, meaning that of the other.

    Raises:
        ModelError: The model cannot be loaded, or gives several scores for a pair.
    """

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder

        hint = "name a cross-encoder on this machine or on the hub that gives one score, or unset AIRACE_RERANKER"
        self._model: Any = load_model(CrossEncoder, name, role="reranker", hint=hint)
        if self._model.num_labels != 1:
            raise ModelError(f"reranker {name!r} gives {self._model.num_labels} scores for a pair, not one", hint)
        self.name = name

    def score(self, question: str, texts: Sequence[str], stages: Sequence[Mapping[str, float]]) -> list[float]:
        """A score between 0 and 1 for each passage."""
        import torch

        scores = np.array(BuiltInReranker().score(question, texts, stages))
        first = np.argsort(-scores, kind="stable")[:_DEPTH]
        relevance = np.zeros_like(scores)
        if len(first):
            pairs = [(question, texts[i]) for i in first]
            # Whatever activation a model comes with, a probability is what can be averaged with the other score.
            relevance[first] = self._model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return [float(score) for score in (scores + relevance) / 2]


def open_reranker(settings: Settings) -> Reranker:
    """The reranker that the settings name.

    Raises:
        ModelError: The model that they name cannot be loaded.
    """
    return BuiltInReranker() if settings.reranker == BUILT_IN else CrossEncoderReranker(settings.reranker)
