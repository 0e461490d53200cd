"""A natural-language-inference model as the verifier, by name: a sentence-transformers cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.hub import load_model
from rag.verification.judging import claim_of, quoted_verdict
from rag.verification.stretches import stretches
from rag.verification.verdict import SUPPORTED, Verdict

__all__ = ["CrossEncoderVerifier"]

_ENTAILMENT = "entail"  # how the label begins, in whatever case


class CrossEncoderVerifier:
    """Support is the model's probability that a sentence of a passage, or two neighbours, entail the claim.

    Raises:
        ModelError: The model cannot be loaded, or none of its labels is entailment.
    """

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder

        hint = "name a cross-encoder trained on natural language inference, or unset AIRACE_VERIFIER"
        self._model: Any = load_model(CrossEncoder, name, role="verifier", hint=hint)
        labels = self._model.model.config.id2label
        found = [n for n, label in labels.items() if str(label).casefold().startswith(_ENTAILMENT)]
        if len(labels) < 2 or not found:
            raise ModelError(f"verifier {name!r} has no label “entailment”, only {', '.join(labels.values())}", hint)
        self.name = name
        self._entailment = int(found[0])

    def verify(self, sentence: str, passages: Sequence[str], *, headings: Sequence[str] = ()) -> Verdict:
        """Whether one of the passages entails the sentence."""
        claim = claim_of(sentence)
        pieces = list(stretches(passages))
        if settled := quoted_verdict(claim, pieces, passages):
            return settled
        texts = [f"{headings[p.passage]}: {p.text}" if p.passage < len(headings) else p.text for p in pieces]
        logits = np.asarray(self._model.predict([(text, claim) for text in texts], show_progress_bar=False))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        entailed = powers[:, self._entailment] / powers.sum(axis=1)
        best = int(entailed.argmax())
        support = float(entailed[best])
        reason = "" if support >= SUPPORTED else "no sentence of the passages entails it"
        return Verdict(support=support, reason=reason, quote=pieces[best].quote)
